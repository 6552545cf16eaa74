/** One line of a list in a usage text: a flag or a word, and what it is for. */
interface Item {
  /** Such as `--data DIRECTORY` or `queries`. */
  term: string
  text: string
}

/** What a command says of itself, taken apart. */
export interface Usage {
  /** Each way to call it, without the program's name. */
  synopsis: string[]
  blocks: (string | Item[])[]
}

/** A flag as it can be typed. */
export interface Flag {
  name: string
  /** What follows it, such as `DIRECTORY` or `demo|1m|full`; empty for a switch. */
  takes: string
  text: string
}

/** Takes apart what `--help` prints: the calls, then paragraphs and indented lists. */
export function parseUsage(usage: string): Usage {
  const [calls = '', ...rest] = usage.split('\n\n')
  const synopsis = calls
    .replace(/^Usage: /, '')
    .split(/\n +(?=jumpstarter )/)
    .map((call) => joinLines(call).replace(/^jumpstarter /, ''))
  return {
    synopsis,
    blocks: rest.map((block) => (/^ /.test(block) ? items(block) : joinLines(block))),
  }
}

/** The flags a command knows, from its lists and from how it is called. */
export function flagsOf({ synopsis, blocks }: Usage): Flag[] {
  const listed = blocks.flatMap((block) => (typeof block === 'string' ? [] : block))
  const called = [...synopsis.join(' ').matchAll(/\[(--[^\]]+)\]/g)]
  const flags = [...listed, ...called.map(([, term = '']) => ({ term, text: '' }))].flatMap(
    ({ term, text }): Flag[] => {
      const [, name, takes = ''] = /^--([a-z-]+)(?: (.*))?$/.exec(term) ?? []
      return name === undefined ? [] : [{ name, takes, text }]
    },
  )
  flags.push({ name: 'help', takes: '', text: 'show this' })
  return [...Map.groupBy(flags, ({ name }) => name).values()].flatMap((same) => {
    const [first] = same
    const choice = same.find(({ takes }) => takes.includes('|'))
    return first === undefined ? [] : [{ ...first, takes: (choice ?? first).takes }]
  })
}

/** The words that may follow a command: `nginx|haproxy`, `[status]`, `create`. */
export function wordsOf({ synopsis }: Usage): string[] {
  const words = synopsis.flatMap((call) => {
    const [, next = ''] = call.split(' ')
    return next.replaceAll(/^[<[]|[>\]]$/g, '').split('|')
  })
  return [...new Set(words)].filter((word) => /^[a-z]+(-[a-z]+)*$/.test(word) && word !== 'flags')
}

const joinLines = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ')

function items(block: string): Item[] {
  return block.split(/\n(?= {1,3}\S)/).map((line) => {
    const [, term = '', text = ''] = /^ *(\S+(?: \S+)*)(?:\s{2,}([\s\S]*))?$/.exec(line) ?? []
    return { term, text: joinLines(text) }
  })
}

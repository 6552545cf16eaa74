/** What a browser could be made to run, fetch or send by a page; empty for a harmless one. */
export function dangersIn(html: string): string[] {
  const dangers: string[] = []
  const say = (what: string) => dangers.push(what)
  new HTMLRewriter()
    .on('*', {
      element(element) {
        const { tagName: tag } = element
        if (forbidden.includes(tag)) say(`<${tag}>`)
        if (tag === 'meta' && element.hasAttribute('http-equiv')) say('<meta http-equiv>')
        if (tag === 'script' && !/^\/assets\//.test(element.getAttribute('src') ?? '')) {
          if (!element.hasAttribute('nonce')) say('a script of somebody else’s')
        }
        for (const [name = '', value = ''] of element.attributes) {
          if (/^(on|style$|srcdoc$)/i.test(name)) say(`<${tag} ${name}>`)
          const leads = ['href', 'src', 'action', 'formaction', 'poster', 'srcset'].includes(name)
          if (leads && !isHarmless(decodeEntities(value))) say(`<${tag} ${name}="${value}">`)
        }
      },
    })
    .transform(html)
  return dangers
}

const forbidden = ['iframe', 'object', 'embed', 'base', 'style', 'frame', 'math', 'foreignobject']

/** Of this site or a plain web or mail address, as a browser reads it. */
function isHarmless(address: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers skip them
  const read = address.replace(/[\u0000-\u0020]/g, '').toLowerCase()
  return /^(https?:\/\/|mailto:|[/#?]|$)/.test(read) && !read.startsWith('//')
}

/** All that a reader of the page can read, also in fields, on one line. */
export function textOf(html: string): string {
  const parts: string[] = []
  new HTMLRewriter()
    .on('*', {
      element: (element) => {
        const value = element.getAttribute('value')
        if (value !== null) parts.push(` ${value} `)
      },
      text: ({ text }) => {
        parts.push(text)
      },
    })
    .transform(html)
  return onOneLine(decodeEntities(parts.join('')))
}

export const onOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const entities: Record<string, string> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>' },
  ...{ '&quot;': '"', '&#x27;': "'", '&#39;': "'" },
}
export const decodeEntities = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#x27|#39);/g, (entity) => entities[entity] ?? entity)

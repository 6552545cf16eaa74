import type { Command } from './command'
import { type Flag, flagsOf, parseUsage, wordsOf } from './usage-text'

/** What can be typed after a command. */
interface Completable {
  name: string
  summary: string
  words: string[]
  flags: Flag[]
}

const writers = { bash: bashScript, zsh: zshScript, fish: fishScript }

export const shells = Object.keys(writers) as (keyof typeof writers)[]

/** A script for the shell that completes our commands, their words and flags. */
export function completionScript(
  shell: keyof typeof writers,
  commands: Readonly<Record<string, Command>>,
): string {
  const all = Object.entries(commands).map(([name, { summary, usage }]): Completable => {
    const parsed = parseUsage(usage)
    return { name, summary, words: wordsOf(parsed), flags: flagsOf(parsed) }
  })
  return writers[shell](all)
}

type Value = { kind: 'none' | 'directory' | 'file' | 'other' } | { kind: 'choice'; of: string[] }

function valueFor({ takes }: Flag): Value {
  if (takes === '') return { kind: 'none' }
  if (/^DIR/.test(takes)) return { kind: 'directory' }
  if (takes === 'FILE') return { kind: 'file' }
  if (/^[a-z0-9]+(\|[a-z0-9]+)+$/.test(takes)) return { kind: 'choice', of: takes.split('|') }
  return { kind: 'other' }
}

function bashScript(all: Completable[]): string {
  const names = all.map(({ name }) => name)
  const values = all.flatMap(({ name, flags }) =>
    flags.flatMap((flag) => {
      const value = valueFor(flag)
      if (value.kind === 'none') return []
      return [`        ${name}:--${flag.name}) ${bashValue(value)}; return ;;`]
    }),
  )
  const lists = all.map(({ name, words, flags }) => {
    const list = [...words, ...flags.map((flag) => `--${flag.name}`)].join(' ')
    return `        ${name}) words='${list}' ;;`
  })
  return `\
# bash completion for jumpstarter; made by jumpstarter generate completion bash
_jumpstarter() {
    local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
    local command=\${COMP_WORDS[1]} words
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ] && [ "\${current#-}" = "$current" ]; then
        mapfile -t COMPREPLY < <(compgen -W '${[...names, 'help'].join(' ')}' -- "$current")
        return
    fi
    case $command in -*) command=serve ;; esac
    case $command:$previous in
${values.join('\n')}
    esac
    case $command in
${lists.join('\n')}
        help) words='${names.join(' ')}' ;;
        *) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _jumpstarter jumpstarter
`
}

function bashValue(value: Value): string {
  const fill = (asked: string) => `mapfile -t COMPREPLY < <(compgen ${asked} -- "$current")`
  if (value.kind === 'directory') return fill('-d')
  if (value.kind === 'file') return fill('-f')
  return value.kind === 'choice' ? fill(`-W '${value.of.join(' ')}'`) : ':'
}

function zshScript(all: Completable[]): string {
  const cases = all.map(({ name, words, flags }) => {
    const specs = flags.map((flag) => `'*--${flag.name}[${zshText(flag.text)}]${zshValue(flag)}'`)
    const first = words.length > 0 ? [`'2:word:(${words.join(' ')})'`] : []
    return `    ${name}) _arguments ${[...first, ...specs].join(' ')} ;;`
  })
  const described = all.map(({ name, summary }) => `'${name}:${zshText(summary)}'`)
  return `\
#compdef jumpstarter
# zsh completion for jumpstarter; made by jumpstarter generate completion zsh
_jumpstarter() {
  local -a commands=(${[...described, "'help:show the list of commands'"].join(' ')})
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local command=$words[2]
  [[ $command == -* ]] && command=serve
  case $command in
${cases.join('\n')}
    help) _describe command commands ;;
  esac
}
_jumpstarter "$@"
`
}

function zshValue(flag: Flag): string {
  const value = valueFor(flag)
  if (value.kind === 'none') return ''
  if (value.kind === 'directory') return ':directory:_files -/'
  if (value.kind === 'file') return ':file:_files'
  return value.kind === 'choice' ? `:value:(${value.of.join(' ')})` : ':value: '
}

/** Without what ends a quotation or a description in `_arguments`. */
const zshText = (text: string) =>
  text.replaceAll("'", '’').replaceAll(/[[\]:\\]/g, (character) => `\\${character}`)

function fishScript(all: Completable[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = all.flatMap(({ name, summary, words, flags }) => {
    const here = `complete -c jumpstarter -n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c jumpstarter -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...(words.length > 0 ? [`${here} -a ${quoted(words.join(' '))}`] : []),
      ...flags.map((flag) => `${here} -l ${flag.name}${fishValue(flag)} -d ${quoted(flag.text)}`),
    ]
  })
  return [
    '# fish completion for jumpstarter; made by jumpstarter generate completion fish',
    'complete -c jumpstarter -f',
    ...lines,
    '',
  ].join('\n')
}

function fishValue(flag: Flag): string {
  const value = valueFor(flag)
  if (value.kind === 'none') return ''
  if (value.kind === 'directory') return " -x -a '(__fish_complete_directories)'"
  if (value.kind === 'file') return ' -r -F'
  return value.kind === 'choice' ? ` -x -a '${value.of.join(' ')}'` : ' -x'
}

import { loadConfig } from '#config'
import { describeConfig } from '#config-shown'
import { type Setting, settings } from '#settings'
import type { Command } from './command'
import { parseFlags, servingFlags, servingSettings } from './flags'

const usage = `Usage: jumpstarter config [flags]

Shows every setting with its value, where it comes from and what it means. Passwords and keys are
masked. Takes the flags that serve would be given.

  --json              print [{name, value, source, setBy, meaning}]; source is flag, environment,
                      file, installation or default
  --markdown          print the README's table of all settings instead
  --listen ADDRESS    as for serve, repeatable
  --workers N         as for serve
  --socket-mode MODE  as for serve
  --data DIRECTORY    as for serve
  --help              show this`

const flags = {
  ...servingFlags,
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
} as const

export const config: Command = {
  summary: 'show every setting, its value and source',
  usage,
  run: async (args) => {
    const { values } = parseFlags('config', args, flags)
    if (values.markdown) {
      console.log(settingsTable())
      return 0
    }
    const rows = describeConfig(loadConfig(servingSettings(values)))
    if (values.json) {
      console.log(JSON.stringify(rows, null, 2))
      return 0
    }
    for (const { name, value, source, setBy, meaning } of rows) {
      const from = setBy === null || setBy === name ? source : `${source}, ${setBy}`
      console.log(`${name}=${value}  (${from})\n    ${meaning}`)
    }
    return 0
  },
}

/** All settings as a table in Markdown, those that belong together in one row. */
export function settingsTable(): string {
  const groups: [name: string, setting: Setting][][] = []
  for (const each of Object.entries<Setting>(settings)) {
    if (each[1].joined) groups.at(-1)?.push(each)
    else groups.push([each])
  }
  const rows = groups.map((group) => [
    group.map(([name]) => `\`${name}\``).join(', '),
    once(group.map(([, setting]) => usualOf(setting))).join('; '),
    group.map(([, { meaning }]) => meaning).join(' '),
  ])
  const all = [['setting', 'default', 'meaning'], ...rows]
  const widths = [0, 1, 2].map((column) =>
    Math.max(...all.map((cells) => Bun.stringWidth(cells[column] ?? ''))),
  )
  const dashes = widths.map((width) => '-'.repeat(width))
  const padded = (cell: string, width = 0) => cell + ' '.repeat(width - Bun.stringWidth(cell))
  return [['setting', 'default', 'meaning'], dashes, ...rows]
    .map((cells) => `| ${cells.map((cell, column) => padded(cell, widths[column])).join(' | ')} |`)
    .join('\n')
}

const usualOf = ({ usual, fallback }: Setting) => usual ?? `\`${fallback}\``

/** What is the same for all is said once. */
const once = (texts: string[]) => (new Set(texts).size === 1 ? texts.slice(0, 1) : texts)

import { describeConfig, loadConfig } from '#config'
import type { Command } from './command'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter config [--json]

Shows every setting with its value, where it comes from and what it means. Passwords are masked.`

export const config: Command = {
  summary: 'show every setting, its value and source',
  usage,
  run: async (args) => {
    const { values } = parseFlags('config', args, { json: { type: 'boolean' } })
    const rows = describeConfig(loadConfig())
    if (values.json) {
      console.log(JSON.stringify(rows, null, 2))
      return 0
    }
    for (const { name, value, source, meaning } of rows) {
      console.log(`${name}=${value}  (${source})\n    ${meaning}`)
    }
    return 0
  },
}

import { program } from '#version'
import type { Command } from './command'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter version [--json]

Says which program this is.`

export const version: Command = {
  summary: 'say which program this is',
  usage,
  run: async (args) => {
    const { values } = parseFlags('version', args, { json: { type: 'boolean' } })
    const { name, version: number, commit } = program
    if (values.json) console.log(JSON.stringify({ ...program, bun: Bun.version }))
    else console.log(`${name} ${number}${commit ? ` (${commit})` : ''}, Bun ${Bun.version}`)
    return 0
  },
}

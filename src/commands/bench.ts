import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'
import { benchDatabase } from './bench-database'
import { benchLadder } from './bench-ladder'
import { benchPeers } from './bench-peers'
import { benchPlans } from './bench-plans'
import { benchQueries } from './bench-queries'
import { benchReport } from './bench-report'
import { benchRestarts } from './bench-restarts'
import { benchScale } from './bench-scale'
import { benchSeed } from './bench-seed'
import { benchServe } from './bench-serve'
import { benchSockets } from './bench-sockets'
import type { Command } from './command'

const instruments: Record<string, Command> = {
  queries: benchQueries,
  plans: benchPlans,
  database: benchDatabase,
  seed: benchSeed,
  serve: benchServe,
  ladder: benchLadder,
  peers: benchPeers,
  sockets: benchSockets,
  scale: benchScale,
  restarts: benchRestarts,
  report: benchReport,
}

const list = Object.entries(instruments)
  .map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
  .join('\n')

const usage = `Usage: jumpstarter bench <${Object.keys(instruments).join('|')}> [flags]

Measures, and writes what it finds to a file. Each knows --help.

${list}

Flags of all:

  --data DIR      where the embedded Postgres keeps its data
  --out DIR       where the results go; by default bench/results, if there is one here, else here`

export const bench: Command = {
  summary: 'measure: the queries of 2018, plans, the database, serving, load',
  usage,
  run: async () => {
    console.log(usage)
    return 0
  },
}

/** The instrument these words ask for; without one, the list of them. */
export function instrument(words: string[]): { command: Command; args: string[] } {
  const [first, ...rest] = words
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return { command: bench, args: [] }
  }
  const command = instruments[first]
  if (command) return { command, args: rest }
  const names = Object.keys(instruments)
  const near = suggest(first, names)
  const hint = near ? `Did you mean ${near}?` : `It knows ${names.join(', ')}.`
  throw new CommandError(
    first.startsWith('-')
      ? `bench needs to know what to measure before ${first}: ${names.join(', ')}.`
      : `bench has no instrument ${first}. ${hint}`,
    2,
  )
}

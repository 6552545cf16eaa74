import { type InstrumentsOptions, requireInstruments } from '#bench/load/instruments'
import { requireCheckout } from '#bench/load/servers'
import { loadConfig } from '#config'
import { migrate, requireCurrentSchema } from '#db/migrations'
import type { Embedded } from '#embedded'
import { benchFlags, benchFlagsUsage } from './bench-flags'
import { type OpenDatabase, withDatabase } from './database'
import { wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress } from './progress'
import { seedDemo } from './seed'

// What `bench ladder` and `bench peers` have in common.

const pagesMax = 1_000_000
const connectionsMax = 10_000
const secondsMax = 3600
const roundsMax = 100

export const loadFlags = {
  ...benchFlags,
  pages: { type: 'string' },
  connections: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean' },
  install: { type: 'boolean' },
} as const

export interface LoadDefaults {
  pages: string
  connections: string
  seconds: string
  'warm-up': string
  rounds: string
}

export const quickLoad = {
  pages: '500',
  connections: '32',
  seconds: '1',
  'warm-up': '1',
  rounds: '1',
}

const quickly =
  `${quickLoad.pages} pages, ${quickLoad.connections} connections, ` +
  `${quickLoad.seconds} second, ${quickLoad.rounds} round`

/** The lines of the usage about them. */
export const loadFlagsUsage = (usual: LoadDefaults): string =>
  `  --pages N          different projects asked for, at most; by default ${usual.pages}
  --connections N,N  how many at once; by default ${usual.connections}
  --seconds N        of each measured run; by default ${usual.seconds}
  --warm-up N        seconds before it; by default ${usual['warm-up']}
  --rounds N         of everything, in turns; by default ${usual.rounds}
  --quick            ${quickly}
  --install          install missing programs with apt-get
${benchFlagsUsage}`

export interface LoadChoice {
  pages: number
  connections: number[]
  seconds: number
  warmUpSeconds: number
  rounds: number
}

/** What the flags ask for. Throws a CommandError that names the wrong one. */
export function loadChoice(
  values: Partial<LoadDefaults> & { quick?: boolean },
  usual: LoadDefaults,
): LoadChoice {
  const text = { ...usual, ...(values.quick ? quickLoad : {}), ...values }
  return {
    pages: wholeNumber('--pages', text.pages, 1, pagesMax),
    connections: text.connections
      .split(',')
      .map((each) => wholeNumber('--connections', each.trim(), 1, connectionsMax)),
    seconds: wholeNumber('--seconds', text.seconds, 1, secondsMax),
    warmUpSeconds: wholeNumber('--warm-up', text['warm-up'], 1, secondsMax),
    rounds: wholeNumber('--rounds', text.rounds, 1, roundsMax),
  }
}

export interface LoadSurroundings extends Omit<InstrumentsOptions, 'say'> {
  data: string | undefined
  embedded: Embedded | undefined
  /** It measures the program itself, so that it needs no checkout. */
  anywhere?: boolean
  /** For our own Postgres while it is measured. */
  settings?: Record<string, string> | undefined
}

export interface LoadWork extends OpenDatabase {
  /** Worker processes of a server that has one for each core. */
  workers: number
  /** Database connections of all of them. */
  poolConnections: number
  signal: AbortSignal
}

/**
 * Gives `work` the database to serve from, the demo seeded into it if our own is empty, after
 * checking that every program it runs is installed. Ctrl-C aborts the signal, and `work` ends what
 * it started.
 */
export async function withLoad<Result>(
  surroundings: LoadSurroundings,
  work: (around: LoadWork) => Promise<Result>,
): Promise<Result> {
  const { command, data, embedded, settings = {} } = surroundings
  if (!surroundings.anywhere) requireCheckout(command)
  await requireInstruments({ ...surroundings, say })
  const config = loadConfig({ JUMPSTARTER_DATA: data })
  const applicationName = `jumpstarter ${command}`
  return await withDatabase({ config, embedded, applicationName, settings }, async (database) => {
    if (database.embedded) {
      await migrate(database.db)
      await seedDemo(database.db)
    } else await requireCurrentSchema(database.db)
    database.takeSignals()
    const { workers, poolMax } = config
    return await interruptible((signal) =>
      work({ ...database, workers, poolConnections: workers * poolMax, signal }),
    )
  })
}

export const say = (line: string) => console.error(line)

/** Shows what is begun, and how long the rest of so many steps will take. */
export function stepProgress(title: string, steps: number) {
  const progress = createProgress(title)
  let begun = 0
  return {
    report: (what: string) => progress.report(what, begun++ / steps),
    end: progress.end,
  }
}

import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'
import type { Command, Runnable } from './command'

interface Instrument {
  summary: string
  /** Read when it is asked for: a server never measures. */
  load(): Promise<Runnable>
}

const instruments: Record<string, Instrument> = {
  queries: {
    summary: 'the nine queries of 2018, then and now',
    load: async () => (await import('./bench-queries')).benchQueries,
  },
  plans: {
    summary: 'the plans of every read the site makes, and whether they are bounded',
    load: async () => (await import('./bench-plans')).benchPlans,
  },
  database: {
    summary: 'reads and writes through our code and pgbench; what settings are worth',
    load: async () => (await import('./bench-database')).benchDatabase,
  },
  pledges: {
    summary: 'how fast pledges are taken, into one project and spread',
    load: async () => (await import('./bench-pledges')).benchPledges,
  },
  settle: {
    summary: 'how fast a project is settled, from its deadline to the payout',
    load: async () => (await import('./bench-settle')).benchSettle,
  },
  live: {
    summary: 'what it costs to tell thousands of readers of pledges as they come',
    load: async () => (await import('./bench-live')).benchLive,
  },
  signed: {
    summary: 'what a page costs whoever is signed in, against the anonymous one',
    load: async () => (await import('./bench-cost')).benchSigned,
  },
  seeing: {
    summary: 'what it costs that metrics and the log tell what is going on',
    load: async () => (await import('./bench-cost')).benchSeeing,
  },
  seed: {
    summary: 'how long millions take to load, against the bare inserts and indexes',
    load: async () => (await import('./bench-seed')).benchSeed,
  },
  serve: {
    summary: 'how soon it serves, and what home weighs',
    load: async () => (await import('./bench-serve')).benchServe,
  },
  ladder: {
    summary: 'the steps of 2018 from one process to production, and on to Unix sockets',
    load: async () => (await import('./bench-ladder')).benchLadder,
  },
  peers: {
    summary: 'ours against bare Bun, nginx, Next.js, Express and pgbench',
    load: async () => (await import('./bench-peers')).benchPeers,
  },
  sockets: {
    summary: 'TCP against Unix sockets, hop by hop',
    load: async () => (await import('./bench-sockets')).benchSockets,
  },
  scale: {
    summary: 'one instance against ten, each with its share of a core, behind nginx',
    load: async () => (await import('./bench-scale')).benchScale,
  },
  hosts: {
    summary: 'several hosts: what each is worth, what they promise, and failover by Patroni',
    load: async () => (await import('./bench-hosts')).benchHosts,
  },
  restarts: {
    summary: 'failed requests while workers are replaced, upgraded and killed',
    load: async () => (await import('./bench-restarts')).benchRestarts,
  },
  faults: {
    summary: 'pledges while workers and Postgres are killed: none lost, doubled, oversold',
    load: async () => (await import('./bench-faults')).benchFaults,
  },
  survival: {
    summary: 'what people can do while something is down: each state, each deed, its promise',
    load: async () => (await import('./bench-survival')).benchSurvival,
  },
  security: {
    summary: 'requests made to break it, smuggled through proxies, and scanners: nothing found',
    load: async () => (await import('./bench-security')).benchSecurity,
  },
  overload: {
    summary: 'ten times as many requests as can be answered: who is, and who is told to come back',
    load: async () => (await import('./bench-overload')).benchOverload,
  },
  'slow-clients': {
    summary: 'what a thousand clients who send and read slowly change for others',
    load: async () => (await import('./bench-slow-clients')).benchSlowClients,
  },
  soak: {
    summary: 'half an hour of everything: whether memory, files and sessions stay flat',
    load: async () => (await import('./bench-soak')).benchSoak,
  },
  report: {
    summary: 'one page of all results, with charts',
    load: async () => (await import('./bench-report')).benchReport,
  },
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
export async function instrument(words: string[]): Promise<{ command: Runnable; args: string[] }> {
  const [first, ...rest] = words
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return { command: bench, args: [] }
  }
  const found = instruments[first]
  if (found) return { command: await found.load(), args: rest }
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

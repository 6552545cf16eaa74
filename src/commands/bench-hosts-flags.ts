import { cpus } from 'node:os'
import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'
import { benchFlags, benchFlagsUsage } from './bench-flags'
import { wholeNumber } from './flags'

// What `bench hosts` is told.

export const parts = ['ladder', 'promises', 'failover'] as const
export type Part = (typeof parts)[number]

const usual = {
  ...{ hosts: '4', pages: '1000', connections: '8', seconds: '10', 'warm-up': '2', rounds: '4' },
  ...{ pairs: '10000', effort: '10', failovers: '4', clients: '16' },
}
const quick = {
  ...{ hosts: '2', pages: '100', seconds: '1', 'warm-up': '1', rounds: '1' },
  ...{ pairs: '40', effort: '1', failovers: '1', clients: '8' },
}

const quickly =
  `${quick.hosts} hosts, ${quick.seconds} second, ${quick.rounds} round, ${quick.pairs} pairs, effort ` +
  `${quick.effort}, ${quick.failovers} failover`

const hostsMax = 16
const shareMax = 100
const usualSharePercent = 20
const pagesMax = 1_000_000
const connectionsMax = 100
const secondsMax = 3600
const roundsMax = 100
const pairsMax = 1_000_000
const effortMax = 1_000
const failoversMax = 100
const clientsMax = 200
const seedMax = 2 ** 32 - 1

export const usage = `Usage: jumpstarter bench hosts [--only PART,PART] [--quick] [flags]

Starts app hosts, HAProxy, a primary and a replica of Postgres and a Redis, each in a network
namespace with an address of its own, and removes them again. What 1, 2, … hosts serve, each
confined to its share of a core by a cgroup; what hosts promise together while one or the replica
is cut off or killed; and pledges with keys while Patroni promotes the other Postgres. Exits with 1
when a promise was broken. Takes root, wrk, haproxy, redis-server, for failover patroni and etcd.

  --only PART,PART  of ${parts.join(', ')}; by default all
  --hosts N         hosts at most; by default ${usual.hosts}
  --share N         percent of a core for each; by default ${usualSharePercent}, or less where all
                    would take more than half the cores
  --pages N         different projects asked for, at most; by default ${usual.pages}
  --connections N   of the load generator for each host; by default ${usual.connections}
  --seconds N       of each measured run, and of pledges before and after each failover; by default
                    ${usual.seconds}
  --warm-up N       seconds before each run; by default ${usual['warm-up']}
  --rounds N        of the ladder, up and down in turns; by default ${usual.rounds}
  --pairs N         of an own write and two reads; by default ${usual.pairs}
  --effort N        how often, or how long, each other promise is tried; by default ${usual.effort}
  --failovers N     killed and cut off in turns; by default ${usual.failovers}
  --clients N       that back projects at once; by default ${usual.clients}
  --seed N          of what they draw; by default another each time
  --loopback        on addresses of the loopback, without root: nothing is cut off
  --quick           ${quickly}
  --install         install missing programs with apt-get
${benchFlagsUsage.replaceAll(/^( +--\w+(?: DIR)?) +/gm, (_, flag: string) => flag.padEnd(20))}`

const text = { type: 'string' } as const
const yes = { type: 'boolean' } as const

export const flags = {
  ...benchFlags,
  ...{ only: text, hosts: text, share: text, pages: text, connections: text, seconds: text },
  ...{
    'warm-up': text,
    rounds: text,
    pairs: text,
    effort: text,
    failovers: text,
    clients: text,
    seed: text,
  },
  ...{ loopback: yes, quick: yes, install: yes },
}

type Values = Partial<Record<keyof typeof usual | 'share' | 'seed' | 'only', string>> & {
  quick?: boolean
}

/** What the flags ask for. Throws a CommandError that names the wrong one. */
export function hostsChoice(values: Values, cores: number = cpus().length) {
  const { quick: isQuick, ...given } = values
  const text = { ...usual, ...(isQuick ? quick : {}), ...given }
  const whole = (name: keyof typeof usual, max: number, min = 1) =>
    wholeNumber(`--${name}`, text[name], min, max)
  const hosts = whole('hosts', hostsMax, 2)
  const fair = Math.max(1, Math.min(usualSharePercent, Math.floor((50 * cores) / hosts)))
  return {
    ...{ hosts, only: partsOf(text.only) },
    share: wholeNumber('--share', text.share ?? `${fair}`, 1, shareMax) / 100,
    pages: whole('pages', pagesMax),
    connections: whole('connections', connectionsMax),
    seconds: whole('seconds', secondsMax),
    warmUpSeconds: whole('warm-up', secondsMax),
    rounds: whole('rounds', roundsMax),
    pairs: whole('pairs', pairsMax),
    effort: whole('effort', effortMax),
    failovers: whole('failovers', failoversMax),
    clients: whole('clients', clientsMax),
    seed: wholeNumber('--seed', text.seed ?? `${Date.now() % seedMax}`, 0, seedMax),
  }
}

export type HostsChoice = ReturnType<typeof hostsChoice>

function partsOf(text: string | undefined): readonly Part[] {
  if (text === undefined) return parts
  return text.split(',').map((each) => {
    const found = parts.find((part) => part === each.trim())
    if (found) return found
    const near = suggest(each, [...parts])
    const hint = near ? ` Did you mean ${near}?` : ''
    throw new CommandError(`--only takes ${parts.join(', ')}, not ${each}.${hint}`, 2)
  })
}

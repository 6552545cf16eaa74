import {
  type Group,
  groupsOf,
  type Hop,
  hops,
  type Kind,
  kinds,
  leftOut,
} from '#bench/sockets/cells'
import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'
import { benchFlagsUsage } from './bench-flags'
import { type LoadChoice, loadChoice, loadFlags } from './bench-load'
import { wholeNumber } from './flags'

// What `bench sockets` is told.

const usual = { pages: '2000', connections: '1,32,256', seconds: '2', 'warm-up': '1', rounds: '6' }
const quick = { pages: '750', connections: '32', seconds: '0.3', 'warm-up': '0.2', rounds: '4' }
/** Our nginx has room for twice as many. */
const connectionsMax = 2_000
const workersMax = 64
const secondsMax = 3_600

const hurry =
  `${quick.rounds} rounds of ${quick.seconds} s, ${quick.connections} connections, ` +
  'one kind of answer a hop, without HAProxy'

export const usage = `Usage: jumpstarter bench sockets [--quick] [flags]

What Unix sockets buy over TCP on this machine, hop by hop: client → app, nginx → app,
HAProxy → app, app → Postgres, app → Redis, and all of them at once. The same requests over both in
turns, with a confidence interval of the ratio, and what they cost each process. It starts all it
needs on the loopback and in private directories, and ends it. Needs h2load, and nginx, haproxy and
redis-server for their hops. An empty database of our own is filled with the demo.

  --hops A,B         of ${hops.join(', ')}; by default all
  --kinds A,B        of ${kinds.join(', ')}; by default all
  --connections N,N  how many at once; by default ${usual.connections}
  --seconds N        of each measured run; by default ${usual.seconds}
  --warm-up N        seconds before it; by default ${usual['warm-up']}
  --rounds N         of everything, an even number: TCP first and Unix first in turns;
                     by default ${usual.rounds}
  --pages N          different projects asked for, at most; by default ${usual.pages}
  --workers N        that serve; by default 1, as chance deals the connections of TCP to several
  --quick            ${hurry}
  --install          install missing programs with apt-get
${benchFlagsUsage}`

export const flags = {
  ...loadFlags,
  hops: { type: 'string' },
  kinds: { type: 'string' },
  workers: { type: 'string' },
} as const

export interface SocketsChoice extends LoadChoice {
  groups: Group[]
  workers: number
  /** A sentence for each group that was left out. */
  missing: string[]
}

/** What the flags ask for. Throws a CommandError that names the wrong one. */
export function choiceOf(
  values: {
    [Name in keyof typeof flags]?: (typeof flags)[Name]['type'] extends 'string' ? string : boolean
  },
): SocketsChoice {
  const { quick: isQuick = false, ...given } = values
  const usually = isQuick ? quick : usual
  const { seconds = usually.seconds, 'warm-up': warmUp = usually['warm-up'], ...others } = given
  const load = {
    ...loadChoice(others, { ...usually, seconds: '1', 'warm-up': '1' }),
    seconds: someSeconds('--seconds', seconds),
    warmUpSeconds: someSeconds('--warm-up', warmUp),
  }
  if (load.rounds % 2 === 1) {
    const sentence = 'so that TCP and Unix sockets are first equally often'
    throw new CommandError(`--rounds takes an even number, ${sentence}, not ${load.rounds}.`, 2)
  }
  const most = Math.max(...load.connections)
  wholeNumber('--connections', `${most}`, 1, connectionsMax)
  const selection = {
    hops: chosen('--hops', values.hops, hops),
    kinds: chosen('--kinds', values.kinds, kinds),
    connections: [...new Set(load.connections)],
  }
  const inHurry = isQuick && values.kinds === undefined
  const all = groupsOf(selection)
  const groups = inHurry
    ? all.filter(({ hop, kind }) => kind === quickKind(hop) && (values.hops || hop !== 'haproxy'))
    : all
  const missing = inHurry
    ? [`A quick run: one kind of answer a hop${values.hops ? '' : ', without HAProxy'}.`]
    : leftOut(selection)
  if (groups.length === 0) throw new CommandError(missing.join('\n'), 2)
  const workers = wholeNumber('--workers', values.workers ?? '1', 1, workersMax)
  return { ...load, groups, workers, missing }
}

/** Tenths as well, for a hurry. */
function someSeconds(flag: string, text: string): number {
  const seconds = Number(text)
  if (/^\d+(\.\d)?$/.test(text) && seconds > 0 && seconds <= secondsMax) return seconds
  throw new CommandError(`${flag} takes seconds from 0.1 to ${secondsMax}, not ${text}.`, 2)
}

/** The one in which the hop weighs most. */
const quickKind = (hop: Hop): Kind =>
  hop === 'postgres' || hop === 'end-to-end' ? 'api' : 'cached-page'

function chosen<Name extends string>(
  flag: string,
  text: string | undefined,
  known: readonly Name[],
): Name[] {
  if (text === undefined) return [...known]
  const words = text.split(',').map((word) => word.trim())
  const isKnown = (word: string): word is Name => known.some((name) => name === word)
  const unknown = words.find((word) => !isKnown(word))
  if (unknown === undefined) return known.filter((name) => words.includes(name))
  const near = suggest(unknown, known)
  const hint = near ? `Did you mean ${near}?` : `It knows ${known.join(', ')}.`
  throw new CommandError(`${flag} has no ${unknown || 'empty word'}. ${hint}`, 2)
}

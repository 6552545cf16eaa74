import { cpus } from 'node:os'
import { CommandError } from '#lib/errors'
import { benchFlagsUsage } from './bench-flags'
import { type LoadChoice, loadChoice, loadFlags } from './bench-load'
import { wholeNumber } from './flags'

// What `bench scale` is told.

const kinds = ['page', 'cached'] as const
const usual = {
  ...{ instances: '10', kind: 'page', pages: '3000', connections: '8' },
  ...{ seconds: '5', 'warm-up': '2', rounds: '4' },
}
const quick = { instances: '1,2,4', pages: '500', seconds: '2', 'warm-up': '1', rounds: '2' }

const quickly =
  `${quick.instances} instances, ${quick.pages} pages, ${quick.seconds} seconds, ` +
  `${quick.rounds} rounds`

const instancesMax = 30
const shareMax = 100
/** Of a core, what a t2.micro may use all the time. */
const microPercent = 10
const connectionsMax = 100
const projectsMax = 1_000_000_000

export const usage = `Usage: jumpstarter bench scale [--quick] [flags]

How throughput grows from 1 to 10 instances, as in 2018: each a jumpstarter of its own with one
worker, confined to its share of a core by a cgroup (which takes root, or a cgroup of your own),
behind one nginx on Unix sockets and on TCP. Then how many times the ten instances of 2018 one host
serves without any limit. Needs wrk, h2load and nginx. An empty database of our own is filled with
the demo.

  --instances N,N       these numbers of instances, or one number for all from 1 to it; by default
                        ${usual.instances}
  --share N             percent of a core for each; by default ${microPercent}, as a t2.micro
                        may use all the time, or less where all would take more than half the cores
  --kind page|cached    pages made anew (the default), or finished ones from memory
  --pages N             different projects asked for, at most; by default ${usual.pages}
  --connections N       of the load generator for each instance; by default ${usual.connections}
  --seconds N           of each measured run; by default ${usual.seconds}
  --warm-up N           seconds before it; by default ${usual['warm-up']}
  --rounds N            of everything, in turns; by default ${usual.rounds}
  --quick               ${quickly}
  --require-projects N  refuse a database with fewer
  --install             install missing programs with apt-get
${benchFlagsUsage.replaceAll(/^( +--\w+(?: DIR)?) +/gm, (_, flag: string) => flag.padEnd(24))}`

export const flags = {
  ...loadFlags,
  instances: { type: 'string' },
  share: { type: 'string' },
  kind: { type: 'string' },
  'require-projects': { type: 'string' },
} as const

type Values = Partial<Record<keyof typeof usual | 'share' | 'require-projects', string>> & {
  quick?: boolean
}

export interface ScaleChoice extends Omit<LoadChoice, 'connections'> {
  /** Ascending, with 1 among them. */
  counts: number[]
  /** Of one core. */
  share: number
  kind: (typeof kinds)[number]
  /** For each instance. */
  connections: number
  projectsMin: number
}

/** What the flags ask for. Throws a CommandError that names the wrong one. */
export function scaleChoice(values: Values, cores: number = cpus().length): ScaleChoice {
  const { quick: isQuick, ...given } = values
  const text = { ...usual, ...(isQuick ? quick : {}), ...given }
  const counts = countsOf(text.instances)
  const fair = Math.max(1, Math.min(microPercent, Math.floor((50 * cores) / Math.max(...counts))))
  return {
    ...loadChoice(text, text),
    counts,
    share: wholeNumber('--share', text.share ?? `${fair}`, 1, shareMax) / 100,
    kind: kindOf(text.kind),
    connections: wholeNumber('--connections', text.connections, 1, connectionsMax),
    projectsMin: wholeNumber('--require-projects', text['require-projects'] ?? '1', 1, projectsMax),
  }
}

/** `4` is 1, 2, 3, 4; of a list each, and 1, which the others are compared with. */
function countsOf(text: string): number[] {
  const numbers = text
    .split(',')
    .map((each) => wholeNumber('--instances', each.trim(), 1, instancesMax))
  const [most = 1] = numbers
  if (numbers.length === 1) return Array.from({ length: most }, (_, index) => index + 1)
  return [...new Set([1, ...numbers])].toSorted((a, b) => a - b)
}

function kindOf(text: string): ScaleChoice['kind'] {
  const found = kinds.find((kind) => kind === text)
  if (found) return found
  throw new CommandError(`--kind takes ${kinds.join(' or ')}, not ${text}.`, 2)
}

import type { PeerPage } from '../peers/peer'
import { kindTitles } from '../race/comparisons'

export const transports = ['tcp', 'unix'] as const
export const transportTitles = { tcp: 'TCP', unix: 'Unix' } as const

/** What is between two programs; of the longer ways only the last hop is varied, end to end all. */
export const hopTitles = {
  app: 'client → app',
  nginx: 'client → nginx → app',
  haproxy: 'client → HAProxy → app',
  postgres: 'app → Postgres',
  redis: 'app → Redis',
  'end-to-end': 'end to end',
} as const

export type Hop = keyof typeof hopTitles
export const hops = Object.keys(hopTitles) as Hop[]
export type Kind = PeerPage
export const kinds = Object.keys(kindTitles) as Kind[]

/** One thing that is measured over both transports. */
export interface Cell {
  hop: Hop
  kind: Kind
  connections: number
  /** False: a connection for each request, on the hop that is varied. */
  keepAlive: boolean
}

/** The cells that share their servers. */
export interface Group {
  hop: Hop
  kind: Kind
  cells: Cell[]
}

export interface Selection {
  hops: Hop[]
  kinds: Kind[]
  connections: number[]
}

export const cellId = ({ hop, kind, connections, keepAlive }: Cell): string =>
  `${hopTitles[hop]}, ${kindTitles[kind]}, ${connections} ` +
  `${connections === 1 ? 'connection' : 'connections'}, ${keepAlive ? '' : 'no '}keep-alive`

/** Every cell of the selection that makes sense, by the servers it needs. */
export function groupsOf({ hops, kinds, connections }: Selection): Group[] {
  return hops.flatMap((hop) =>
    kinds
      .filter((kind) => senseless(hop, kind) === undefined)
      .map((kind) => ({
        hop,
        kind,
        cells: connections.flatMap((number) =>
          (hasPool(hop) ? [true] : [true, false]).map((keepAlive) => ({
            ...{ hop, kind, connections: number, keepAlive },
          })),
        ),
      })),
  )
}

/** A sentence for each group of cells of the selection that is left out. */
export function leftOut({ hops, kinds }: Selection): string[] {
  const alone = hops.flatMap((hop) =>
    kinds.flatMap((kind) => {
      const reason = senseless(hop, kind)
      return reason ? [`${hopTitles[hop]}, ${kindTitles[kind]}: not measured, ${reason}.`] : []
    }),
  )
  const pools = hops.filter(hasPool).map((hop) => hopTitles[hop])
  return pools.length === 0
    ? alone
    : [
        ...alone,
        `${pools.join(' and ')}: no connection for each request, as the app keeps its own.`,
      ]
}

const hasPool = (hop: Hop) => hop === 'postgres' || hop === 'redis'

function senseless(hop: Hop, kind: Kind): string | undefined {
  if (hop === 'postgres' && kind === 'cached-page') return 'a cached page asks no Postgres'
  if (hop === 'redis' && kind !== 'cached-page') return 'what is made anew asks no Redis'
  return undefined
}

/** Whether finished pages come from Redis. */
export const usesRedis = ({ hop, kind }: Pick<Cell, 'hop' | 'kind'>): boolean =>
  kind === 'cached-page' && (hop === 'redis' || hop === 'end-to-end')

/** Whether the load generator itself opens a connection for each request. */
export const clientReconnects = ({ hop, keepAlive }: Cell): boolean =>
  !keepAlive && (hop === 'app' || hop === 'end-to-end')

/**
 * h2load, where it can: it opens no connection for each request, and its connections ask for one
 * page side by side, so that Postgres or Redis would be asked by the first of them alone.
 */
export function driverOf(cell: Cell): 'h2load' | 'our client' {
  const asksBehind = usesRedis(cell) || cell.kind !== 'cached-page'
  const isOurs = clientReconnects(cell) || (asksBehind && cell.connections > 1)
  return isOurs ? 'our client' : 'h2load'
}

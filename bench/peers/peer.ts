/** What a peer can answer: the page rendered anew, the page from its cache, the project as JSON. */
export type PeerPage = 'page' | 'cached-page' | 'api'

export interface PeerServer {
  /** All processes of it that run now, for CPU accounting. */
  pids(): number[]
  /** Ends them all. */
  stop(): Promise<void>
}

export interface PeerStart {
  port: number
  /** May name a Unix socket: `postgres://user@/name?host=/dir`. */
  databaseUrl: string
  /** `redis://…` or `unix:///path`; null leaves the cache of express-2018 off. */
  redisUrl: string | null
  workers: number
  /** What bare-bun and nginx answer, as it goes over the wire: one of our own answers. */
  constant?: { body: Uint8Array; headers: Record<string, string> }
}

/** A server that ours is raced against: the same project page on the same rows. */
export interface Peer {
  id: 'express-2018' | 'next' | 'bare-bun' | 'bare-react' | 'nginx'
  /** For tables. */
  title: string
  serves: PeerPage[]
  /** Its cache is in Redis. */
  usesRedis?: boolean
  path(kind: PeerPage, projectId: number): string
  /**
   * Fetches and builds it, once. Throws CommandError naming what is missing and how to get it.
   * Progress goes to `log`, line by line.
   */
  prepare(log: (line: string) => void): Promise<void>
  /** Listens on 127.0.0.1; resolves when every process of it does. */
  start(options: PeerStart): Promise<PeerServer>
}

/** Where all peers but Next's cache have their pages, which is where we have them. */
export const ourPath = (kind: PeerPage, projectId: number): string =>
  kind === 'api' ? `/api/v1/projects/${projectId}` : `/projects/${projectId}`

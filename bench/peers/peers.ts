import { bareBun, bareReact } from './bun-peers'
import { nginx } from './nginx'
import { express2018, next } from './node-peers'
import type { Peer } from './peer'

export type { Peer, PeerPage, PeerServer, PeerStart } from './peer'
export { differences } from './same-page'

/** Whom our server is raced against. */
export const peers: Peer[] = [express2018, next, bareBun, bareReact, nginx]

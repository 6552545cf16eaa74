import { connect, createServer, type NetConnectOpts, type Server } from 'node:net'
import { createCarrier } from './carrier'

/** A way from the site to something it needs, which can be made bad. */
export interface Passage {
  port: number
  /** Replies arrive this much later; 0 to begin with. Their order stays. */
  delayMs: number
  /** Whoever comes is refused, and whoever is there is cut off. */
  refuse(): Promise<void>
  /** What comes is kept, both ways. */
  hang(): void
  /** As it was to begin with. */
  heal(): Promise<void>
  close(): Promise<void>
}

const host = '127.0.0.1'

/** Listens on a port of this machine. */
export async function openPassage(target: NetConnectOpts): Promise<Passage> {
  const { join, hang, goOn, cut } = createCarrier()
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((near) => join(near, connect(target), () => passage.delayMs))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen(port, host, resolve)
    await promise
    return server
  }
  const stop = async () => {
    if (!server) return
    const { promise, resolve } = Promise.withResolvers<unknown>()
    server.close(resolve)
    cut()
    await promise
    server = undefined
  }
  const passage: Passage = {
    ...{ port: 0, delayMs: 0 },
    refuse: stop,
    hang,
    heal: async () => {
      passage.delayMs = 0
      goOn()
      server ??= await listen(passage.port)
    },
    close: async () => {
      goOn()
      await stop()
    },
  }
  let server: Server | undefined = await listen(0)
  const address = server.address()
  passage.port = address !== null && typeof address === 'object' ? address.port : 0
  return passage
}

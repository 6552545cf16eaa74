import { connect, createServer, type NetConnectOpts } from 'node:net'
import { createCarrier } from '#bench/survival/carrier'
import { freePort } from './start-tiny-server'

export interface ChaosProxy {
  port: number
  /** Replies arrive this much later; 0 to begin with. Their order stays. */
  delayMs: number
  /** Whether new connections are broken at once; false to begin with. */
  refuses: boolean
  /** Keeps what comes, both ways, until it is told to go on. */
  hang(): void
  goOn(): void
  /** Breaks every connection; new ones are accepted. */
  cut(): void
  close(): Promise<void>
}

/** Stands between a client and its server, on a TCP port, and makes the way bad. */
export async function startChaosProxy(target: NetConnectOpts): Promise<ChaosProxy> {
  const port = freePort()
  const { join, ...carrier } = createCarrier()
  const proxy: ChaosProxy = {
    ...carrier,
    ...{ port, delayMs: 0, refuses: false },
    close: async () => {
      proxy.goOn()
      proxy.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const server = createServer((near) => {
    if (proxy.refuses) near.destroy()
    else join(near, connect(target), () => proxy.delayMs)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return proxy
}

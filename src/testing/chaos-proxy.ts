import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
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
  const sockets = new Set<Socket>()
  let gate: PromiseWithResolvers<void> | undefined
  const proxy: ChaosProxy = {
    port,
    delayMs: 0,
    refuses: false,
    hang: () => {
      gate ??= Promise.withResolvers<void>()
    },
    goOn: () => {
      gate?.resolve()
      gate = undefined
    },
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      proxy.goOn()
      proxy.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const carry = (from: Socket, to: Socket, delayMs: () => number) => {
    let last: Promise<unknown> = Promise.resolve()
    from.on('data', (bytes) => {
      const waited = Bun.sleep(delayMs())
      last = last.then(async () => {
        await waited
        await gate?.promise
        if (!to.destroyed) to.write(bytes)
      })
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    sockets.add(from)
  }
  const server = createServer((near) => {
    if (proxy.refuses) return void near.destroy()
    const far = connect(target)
    carry(near, far, () => 0)
    carry(far, near, () => proxy.delayMs)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return proxy
}

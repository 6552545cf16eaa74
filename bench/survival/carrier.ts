import type { Socket } from 'node:net'

/** Carries bytes from socket to socket, as long as it is let. */
export interface Carrier {
  /** Both ways; what comes back from the far one may be made to arrive later. Their order stays. */
  join(near: Socket, far: Socket, delayMs: () => number): void
  /** Keeps what comes, both ways, until it is told to go on. */
  hang(): void
  goOn(): void
  /** Breaks all there are. */
  cut(): void
}

export function createCarrier(): Carrier {
  const sockets = new Set<Socket>()
  let gate: PromiseWithResolvers<void> | undefined
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
  return {
    join: (near, far, delayMs) => {
      carry(near, far, () => 0)
      carry(far, near, delayMs)
    },
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
  }
}

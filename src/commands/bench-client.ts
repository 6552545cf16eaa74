import { type ClientOrder, runClient } from '#bench/sockets/client'
import type { Command } from './command'

/** A load generator as a process of its own, so that what it costs is told apart. */
export const benchClient: Command = {
  summary: 'internal: a client that opens a connection for each request',
  usage: 'Started by jumpstarter bench, not by hand.',
  run: async () => {
    const order = (await Bun.stdin.json()) as ClientOrder
    console.log(JSON.stringify(await runClient(order)))
    return 0
  },
}

import { type ClientOrder, runClient } from '#bench/sockets/client'
import type { Runnable } from './command'

/** A load generator as a process of its own, so that what it costs is told apart. */
export const benchClient: Runnable = {
  usage: 'Started by jumpstarter bench, not by hand.',
  run: async () => {
    const order = (await Bun.stdin.json()) as ClientOrder
    console.log(JSON.stringify(await runClient(order)))
    return 0
  },
}

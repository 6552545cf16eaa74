import { type BackOrder, runBackers } from '#bench/pledges/client'
import { type ClientOrder, runClient } from '#bench/sockets/client'
import type { Runnable } from './command'

/** A load generator as a process of its own, so that what it costs is told apart. */
export const benchClient: Runnable = {
  usage: 'Started by jumpstarter bench, not by hand.',
  run: async ([what]) => {
    const order = await Bun.stdin.json()
    const figures =
      what === 'pledges'
        ? await runBackers(order as BackOrder)
        : await runClient(order as ClientOrder)
    console.log(JSON.stringify(figures))
    return 0
  },
}

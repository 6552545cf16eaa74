import { generate } from '#bench/overload/generator'
import type { GeneratorOrder } from '#bench/overload/order'
import { type BackOrder, runBackers } from '#bench/pledges/client'
import { type ClientOrder, runClient } from '#bench/sockets/client'
import type { Runnable } from './command'

/** A load generator as a process of its own, so that what it costs is told apart. */
export const benchClient: Runnable = {
  usage: 'Started by jumpstarter bench, not by hand.',
  run: async ([what]) => {
    const order = await Bun.stdin.json()
    console.log(JSON.stringify(await figuresOf(what, order)))
    return 0
  },
}

function figuresOf(what: string | undefined, order: unknown): Promise<object> {
  if (what === 'pledges') return runBackers(order as BackOrder)
  if (what === 'arrivals') return generate(order as GeneratorOrder)
  return runClient(order as ClientOrder)
}

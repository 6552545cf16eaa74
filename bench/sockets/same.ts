import { CommandError } from '#lib/errors'
import { checkPages } from '../load/check'
import { get } from '../load/http'
import { drawPage, type Traffic } from '../load/traffic'
import { browserHeaders } from '../load/wrk'
import { transports, transportTitles } from './cells'
import type { Door, Side } from './stage'

export const pagesCompared = 10
/** A page that has its text from the clock may change between two questions. */
const attemptsMax = 3

/**
 * Throws unless both sides answer with the right pages, byte by byte the same: otherwise it is not
 * the transport that is measured.
 */
export async function requireSame(
  sides: Record<'tcp' | 'unix', Side>,
  traffic: Traffic,
  what: string,
): Promise<void> {
  for (const way of ['kept', 'once'] as const) {
    for (const transport of transports) {
      const who = `${what} over ${transportTitles[transport]}`
      await checkPages(sides[transport][way].address, traffic, who)
    }
    for (let compared = 0; compared < pagesCompared; compared++) {
      const { path } = drawPage(traffic)
      if (await isSame(sides.tcp[way], sides.unix[way], path)) continue
      throw new CommandError(
        `${what} answers ${path} otherwise over Unix sockets than over TCP, and is not measured.`,
      )
    }
  }
}

async function isSame(tcp: Door, unix: Door, path: string): Promise<boolean> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const [one, other] = await Promise.all(
      [tcp, unix].map(({ address }) => get(address, path, browserHeaders)),
    )
    if (one && other && one.status === other.status && Buffer.compare(one.body, other.body) === 0) {
      return true
    }
  }
  return false
}

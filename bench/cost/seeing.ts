import type { Db } from '#db/client'
import { paths } from '#web/paths'
import { type OurServer, startOurs } from '../load/servers'
import { type Cost, type CostOptions, compare, cpuOfTurn, settledPath } from './turn'

const projectsAsked = 16

/** Whether pages are kept in memory, as they usually are, or made anew for each reader. */
const kinds = [
  { id: 'page from memory', pageCache: true },
  { id: 'page made anew', pageCache: false },
]
/** As an operator gets it, metrics and a line for each request among it, and with neither. */
const seeing = { LOG_LEVEL: 'info' }
const blind = { LOG_LEVEL: 'error', JUMPSTARTER_METRICS: 'off' }

export const seeingKinds = kinds.length

/** The same pages by turns from two programs of one worker, of which one sees what it does. */
export async function measureSeeing(
  { db, url }: { db: Db; url: string },
  { rounds, seconds, signal, report }: CostOptions,
): Promise<Cost[]> {
  const projects = await db.$client<{ id: number; title: string }[]>`
    select id::int, title from projects where status = 'live' order by id desc
      limit ${projectsAsked}`
  let turns = 0
  const measured: Cost[] = []
  for (const { id, pageCache } of kinds) {
    await using stack = new AsyncDisposableStack()
    const start = async (environment: Record<string, string>): Promise<OurServer> => {
      const settings = { databaseUrl: url, workers: 1, pageCache, environment }
      return stack.adopt(await startOurs(settings, signal), (server) => server.stop())
    }
    const turnOf = async (server: OurServer) => {
      const asked = projects.map((project) => settledPath(server, paths.project(project)))
      const turn = { pages: await Promise.all(asked), seconds, signal }
      return async () => {
        const us = await cpuOfTurn(server, turn)
        report(++turns)
        return us
      }
    }
    const without = await turnOf(await start(blind))
    const withIt = await turnOf(await start(seeing))
    measured.push(await compare(id, rounds, { without, withIt }))
  }
  return measured
}

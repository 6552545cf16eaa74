import type { Db } from '#db/client'

const everyMs = 50

/** Counts connections of the site that were opened after a moment, until it is stopped. */
export function watchConnections(db: Db, since: Date): { stop(): Promise<number> } {
  const seen = new Set<string>()
  let running = true
  const watching = (async () => {
    while (running) {
      const rows = await db.$client<{ name: string }[]>`
        select pid || ' ' || backend_start as name from pg_stat_activity
          where application_name like 'jumpstarter %' and application_name not like '%bench%'
            and backend_start >= ${since.toISOString()}::timestamptz`.catch(() => [])
      for (const { name } of rows) seen.add(name)
      await Bun.sleep(everyMs)
    }
  })()
  return {
    stop: async () => {
      running = false
      await watching
      return seen.size
    },
  }
}

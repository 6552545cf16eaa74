import { closeDb, type Db, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { seed } from '#seed/generate'
import { seededAt } from './database'
import { canary, type Symptom } from './diagnosis'
import { startServer, type TestServer } from './server'
import { eventually, freePort } from './start-tiny-server'

/** Makes something wrong; resolves with what makes it right again. */
export type Break = () => Promise<() => unknown>

export interface Fault {
  name: string
  symptom: Symptom
  break?: Break
  settings?: () => Record<string, string>
}

/** An outside Postgres with a small site in it, whose settings and tables may be spoilt. */
export interface FaultyPostgres {
  server: TestServer
  /** As the administrator, in the site's database. */
  admin: Db
  /** As the site. */
  site: Db
  /** Of a healthy site. */
  settings(others?: Record<string, string>): Record<string, string>
  run(text: string): Promise<Record<string, unknown>[]>
  bySql(wrong: string, right: string): Break
  /** By a role's setting, which new sessions read. */
  byRole(name: string, value: string): Break
  /** By one of the server's that can be read again. */
  byServer(name: string, value: string): Break
  close(): Promise<void>
}

const scale = { projects: 40, people: 200, pledges: 500, at: seededAt }

export async function startFaultyPostgres(): Promise<FaultyPostgres> {
  const server = await startServer(canary)
  const admin = openDb(server.adminUrl('site'), { max: 3, applicationName: 'test admin' })
  const site = openDb(server.url, { max: 2, applicationName: 'jumpstarter test' })
  await migrate(site)
  await seed(site.$client, scale)
  const port = String(freePort())
  const run = async (text: string) => await admin.$client.unsafe(text)
  const bySql = (wrong: string, right: string) => async () => {
    await run(wrong)
    return () => run(right)
  }
  const readSetting = async (name: string) => {
    const [row] = await run(`select current_setting('${name}') as value`)
    return String(row?.['value'])
  }
  const reload = async (text: string, name: string, wanted: string) => {
    await run(text)
    await run('select pg_reload_conf()')
    await eventually(async () => {
      if ((await readSetting(name)) !== wanted) throw new Error(`${name} is not yet ${wanted}`)
    })
  }
  return {
    ...{ server, admin, site, run, bySql },
    settings: (others = {}) => ({
      ...{ DATABASE_URL: server.url, BASE_URL: `http://localhost:${port}`, PORT: port },
      ...{ JUMPSTARTER_WORKERS: '2', ...others },
    }),
    byRole: (name, value) =>
      bySql(`alter role site set ${name} = ${value}`, `alter role site reset ${name}`),
    byServer: (name, value) => async () => {
      const before = await readSetting(name)
      await reload(`alter system set ${name} = '${value}'`, name, value)
      return () => reload(`alter system reset ${name}`, name, before)
    },
    close: async () => {
      await closeDb(site, 1)
      await closeDb(admin, 1)
      await server.close()
    },
  }
}

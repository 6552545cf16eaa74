import { createApp } from '#app'
import { type Config, loadConfig } from '#config'
import { closeDeps, type Deps, openDeps } from '#deps'
import type { LogFields } from '#observability/log'
import { seededAt, type TestDatabase, testDatabase } from './database'

export interface TestApp {
  app: ReturnType<typeof createApp>
  db: Deps['db']
  deps: Deps
  /** The app's answer to a path such as `/discover?sort=newest`. */
  get(path: string, init?: RequestInit): Promise<Response>
  /** Moves the app's clock, which stands at `seededAt`; the database keeps its own. */
  setNow(now: Date): void
  /** What was logged as an error so far. Whoever expects errors takes them: `close` throws on others. */
  takeErrors(): string[]
  close(): Promise<void>
}

/** The real app on a database of its own with the small demo in it, or on the one given. */
export async function testApp(
  given?: TestDatabase,
  settings: Partial<Config> = {},
): Promise<TestApp> {
  const database = given ?? (await testDatabase())
  const config = loadConfig({ LOG_LEVEL: 'silent', JUMPSTARTER_PAGE_CACHE_MB: '0' }, {})
  const opened = await openDeps({ ...config, ...settings, databaseUrl: database.url })
  let now = seededAt
  let errors: string[] = []
  const error = (message: string, fields: LogFields = {}) => {
    errors.push(`${message} ${JSON.stringify(fields)}`)
  }
  const deps: Deps = { ...opened, log: { ...opened.log, error }, now: () => now }
  const app = createApp(deps, { ready: true })
  const takeErrors = () => {
    const taken = errors
    errors = []
    return taken
  }
  return {
    app,
    db: deps.db,
    deps,
    get: async (path, init) => app.fetch(new Request(config.baseUrl + path, init)),
    setNow: (date) => {
      now = date
    },
    takeErrors,
    close: async () => {
      await closeDeps(deps)
      await database.close()
      const left = takeErrors()
      if (left.length > 0) throw new Error(`logged without being expected: ${left.join('\n')}`)
    },
  }
}

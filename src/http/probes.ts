import { Hono } from 'hono'
import { isBeingFilled, migrationState, obstacle } from '#db/migrations'
import { within } from '#lib/within'
import { program } from '#version'
import type { AppEnv } from './env'

const probeDeadlineMs = 2_000

/** For proxies, service managers and people: alive, fit to serve, and which program this is. */
export function probes(readiness: { ready: boolean }): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.get('/healthz', (c) => c.text('ok\n'))

  app.get('/readyz', async (c) => {
    if (!readiness.ready) return c.text('starting or draining\n', 503)
    const reason = await databaseProblem(c.var.deps.db)
    return reason ? c.text(`${reason}\n`, 503) : c.text('ready\n')
  })

  app.get('/version', (c) =>
    c.json({ ...program, bun: Bun.version, pid: process.pid, supervisorPid: process.ppid }, 200, {
      'Cache-Control': 'no-store',
    }),
  )
  return app
}

async function databaseProblem(db: AppEnv['Variables']['deps']['db']): Promise<string | null> {
  try {
    const asked = Promise.all([migrationState(db), isBeingFilled(db.$client)])
    if (!(await within(asked, probeDeadlineMs))) return 'the database does not answer in time'
    const [state, beingFilled] = await asked
    if (beingFilled) return 'the database is being filled'
    const inTheWay = obstacle(state)
    return inTheWay && `the database’s schema is ${inTheWay.schemaIs} than this program`
  } catch {
    return 'the database does not answer'
  }
}

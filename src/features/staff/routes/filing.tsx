import { type Context, Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireUnrestricted, requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { FilingPage, ThanksPage } from '../pages/filing-pages'
import { reportForm, reportsPerPerson, type ThingKey, thingQuery, toThingKey } from '../rules'
import { fileReport, requireReportable } from '../writes/reports'

export const filing = new Hono<AppEnv>()

filing.get('/report', async (c) => {
  const viewer = requireUnrestricted(c, 'report')
  const thing = await requireReportable(c.var.deps.db, viewer, keyOf(c))
  return renderPage(c, <FilingPage thing={thing} />)
})

filing.post('/report', async (c) => {
  const viewer = requireUnrestricted(c, 'report')
  const { db } = c.var.deps
  const key = keyOf(c)
  const { values, data, errors } = await readForm(c, reportForm(key.kind))
  if (errors) {
    const thing = await requireReportable(db, viewer, key)
    return renderPage(c, <FilingPage thing={thing} values={values} errors={errors} />, 422)
  }
  await limit(c, 'report', String(viewer.id), reportsPerPerson)
  const id = await fileReport(db, viewer, key, data)
  return c.redirect(viewer.role === 'staff' ? paths.staffReport(id) : paths.reported(), 303)
})

filing.get('/report/thanks', (c) => {
  requireViewer(c)
  return renderPage(c, <ThanksPage />)
})

function keyOf(c: Context<AppEnv>): ThingKey {
  const parsed = thingQuery.safeParse(c.req.query())
  return found(parsed.data && toThingKey(parsed.data), new AppError('not_found'))
}

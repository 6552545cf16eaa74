import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { blank, found, idSchema, validQuery } from '#http/input'
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
  if (viewer.role === 'staff') return c.redirect(paths.staffReport(id), 303)
  const { projectId, subject } = key
  const about = projectId === null ? { person: subject } : { project: projectId }
  return c.redirect(paths.reported(about), 303)
})

const aboutQuery = z.object({ project: blank(idSchema), person: blank(idSchema) })

filing.get('/report/thanks', validQuery(aboutQuery), (c) => {
  requireViewer(c)
  const { project, person } = c.req.valid('query')
  const back = project ? paths.project({ id: project, title: '' }) : paths.home()
  return renderPage(c, <ThanksPage back={person ? paths.person({ id: person }) : back} />)
})

function keyOf(c: Context<AppEnv>): ThingKey {
  const parsed = thingQuery.safeParse(c.req.query())
  return found(parsed.data && toThingKey(parsed.data), new AppError('not_found'))
}

import { type Context, Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found, idSchema } from '#http/input'
import { renderPage } from '#http/render'
import { requireStaff } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { ReportPage, type StaffReport } from '../pages/report-pages'
import { findReport, listReportsAbout } from '../reads/reports'
import { findThing } from '../reads/things'
import { keyOf, reasonForm } from '../rules'
import { dismissReport, hideReported } from '../writes/reports'

export const staffReports = new Hono<AppEnv>()

const path = '/staff/reports/:report'

const doneSentences: Record<string, string> = {
  hide: 'Hidden. Whoever wrote it reads why.',
  show: 'Shown again.',
  dismiss: 'Dismissed.',
}

staffReports.get(path, (c) => page(c, { done: doneSentences[c.req.query('done') ?? ''] }))

for (const name of ['hide', 'show', 'dismiss'] as const) {
  staffReports.post(`${path}/${name}`, async (c) => {
    const { values, data, errors } = await readForm(c, reasonForm)
    if (errors) return page(c, { typed: { form: c.req.path, values, errors } }, 422)
    const { db } = c.var.deps
    const staff = requireStaff(c)
    const answer = { id: reportId(c), reason: data.reason }
    try {
      if (name === 'dismiss') await dismissReport(db, staff, answer)
      else await hideReported(db, staff, { ...answer, isShown: name === 'show' })
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'wrong_state') throw error
      return page(c, { isLate: true }, 409)
    }
    return c.redirect(`${paths.staffReport(answer.id)}?done=${name}`, 303)
  })
}

async function page(
  c: Context<AppEnv>,
  given: Pick<StaffReport, 'typed' | 'done' | 'isLate'>,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { db } = c.var.deps
  const report = found(await findReport(db, reportId(c)), new AppError('not_found'))
  const key = keyOf(report)
  const [thing, others] = await Promise.all([
    findThing(db, key),
    listReportsAbout(db, key, report.id),
  ])
  return renderPage(c, <ReportPage {...{ report, thing, others }} {...given} />, status)
}

function reportId(c: Context<AppEnv>): number {
  const parsed = idSchema.safeParse(c.req.param('report'))
  if (!parsed.success) throw new AppError('not_found')
  return parsed.data
}

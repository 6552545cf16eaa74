import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { requireDraft } from '#features/editor/reads/drafts'
import { listTransitions } from '#features/editor/reads/making'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { idSchema } from '#http/input'
import { renderPage } from '#http/render'
import { requireStaff } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { type StaffProject, StaffProjectPage } from '../pages/project-page'
import { listActs } from '../reads/log'
import { findCreatorRecord } from '../reads/review'
import { reasonForm } from '../rules'
import { hideProject } from '../writes/hiding'
import { judgeProject, pickProject, suspendProject, type Verdict } from '../writes/projects'

export const staffProjects = new Hono<AppEnv>()

const path = '/staff/projects/:project'

const doneSentences: Record<string, string> = {
  approve: 'Approved. Its creator may launch it now.',
  'send-back': 'Sent back. Its creator reads what you wrote.',
  reject: 'Rejected. Its creator reads why.',
  pick: 'It is a staff pick now.',
  unpick: 'It is no staff pick any more.',
  suspend: 'Suspended. Its page says so.',
  hide: 'Hidden. Readers do not find it any more; backers still find their own pledges.',
  show: 'Shown. Everybody finds it again.',
}

staffProjects.get(path, (c) => page(c, { done: doneSentences[c.req.query('done') ?? ''] }))

/** How much had become of the project when the form was made. */
const seen = z.coerce.number().int().min(0).catch(-1)

staffProjects.post(`${path}/approve`, async (c) => {
  const { data } = await readForm(c, z.object({ seen }))
  return judged(c, data?.seen ?? -1, { act: 'approve' }, 'approve')
})

const verdictForm = reasonForm.extend({ seen })

for (const [name, act] of [
  ['send-back', 'send_back'],
  ['reject', 'reject'],
] as const) {
  staffProjects.post(`${path}/${name}`, async (c) => {
    const { values, data, errors } = await readForm(c, verdictForm)
    if (errors) return page(c, { typed: { form: c.req.path, values, errors } }, 422)
    return judged(c, data.seen, { act, reason: data.reason }, name)
  })
}

for (const name of ['pick', 'unpick'] as const) {
  staffProjects.post(`${path}/${name}`, (c) =>
    late(c, name, (projectId) =>
      pickProject(c.var.deps.db, requireStaff(c), { projectId, isPick: name === 'pick' }),
    ),
  )
}

staffProjects.post(`${path}/suspend`, async (c) => {
  const { values, data, errors } = await readForm(c, reasonForm)
  if (errors) return page(c, { typed: { form: c.req.path, values, errors } }, 422)
  return late(c, 'suspend', (projectId) =>
    suspendProject(c.var.deps.db, requireStaff(c), { projectId, ...data }),
  )
})

for (const name of ['hide', 'show'] as const) {
  staffProjects.post(`${path}/${name}`, async (c) => {
    const { values, data, errors } = await readForm(c, reasonForm)
    if (errors) return page(c, { typed: { form: c.req.path, values, errors } }, 422)
    const given = { ...data, isShown: name === 'show' }
    return late(c, name, (projectId) =>
      hideProject(c.var.deps.db, requireStaff(c), { projectId, ...given }),
    )
  })
}

const judged = (c: Context<AppEnv>, seen: number, verdict: Verdict, done: string) =>
  late(c, done, (projectId) =>
    judgeProject(c.var.deps.db, requireStaff(c), { projectId, seen }, verdict),
  )

/** Does it; whoever comes too late reads what has happened instead. */
async function late(c: Context<AppEnv>, done: string, act: (projectId: number) => Promise<void>) {
  const id = projectId(c)
  try {
    await act(id)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'wrong_state') throw error
    return page(c, { isLate: true }, 409)
  }
  return c.redirect(`${paths.staffProject({ id })}?done=${done}`, 303)
}

async function page(
  c: Context<AppEnv>,
  given: Pick<StaffProject, 'typed' | 'done' | 'isLate'>,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { db } = c.var.deps
  const id = projectId(c)
  const [draft, record, history, { acts }] = await Promise.all([
    requireDraft(db, id),
    findCreatorRecord(db, { ofProject: id }),
    listTransitions(db, id),
    listActs(db, { project: id }),
  ])
  return renderPage(
    c,
    <StaffProjectPage {...{ draft, record, history, acts }} {...given} />,
    status,
  )
}

function projectId(c: Context<AppEnv>): number {
  const parsed = idSchema.safeParse(c.req.param('project'))
  if (!parsed.success) throw new AppError('project_not_found')
  return parsed.data
}

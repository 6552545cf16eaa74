import { type Context, Hono } from 'hono'
import { listRestrictions } from '#db/restrictions'
import { restrictionKinds } from '#db/schema/trust'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found, idSchema } from '#http/input'
import { renderPage } from '#http/render'
import { requireStaff } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { type StaffPerson, StaffPersonPage } from '../pages/people-pages'
import { listActs } from '../reads/log'
import { findPersonRecord, listMade } from '../reads/people'
import { findCreatorRecord } from '../reads/review'
import { restrictionForm } from '../rules'
import { liftRestriction, restrictPerson } from '../writes/restrictions'

export const staffPeople = new Hono<AppEnv>()

const path = '/staff/people/:person'

const doneSentences: Record<string, string> = {
  restricted: 'Restricted. They read why, and until when.',
  lifted: 'Lifted.',
}

staffPeople.get(path, (c) => page(c, { done: doneSentences[c.req.query('done') ?? ''] }))

staffPeople.post(`${path}/restrictions`, async (c) => {
  const id = personId(c)
  const { values, data, errors } = await readForm(c, restrictionForm)
  if (errors) return page(c, { typed: { form: c.req.path, values, errors } }, 422)
  try {
    await restrictPerson(c.var.deps.db, requireStaff(c), id, data)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'wrong_state') throw error
    return page(c, { isLate: true }, 409)
  }
  return c.redirect(`${paths.staffPerson({ id })}?done=restricted`, 303)
})

staffPeople.post(`${path}/restrictions/:kind/lift`, async (c) => {
  const id = personId(c)
  const kind = restrictionKinds.find((each) => each === c.req.param('kind'))
  if (!kind) throw new AppError('not_found')
  await liftRestriction(c.var.deps.db, requireStaff(c), id, kind)
  return c.redirect(`${paths.staffPerson({ id })}?done=lifted`, 303)
})

async function page(
  c: Context<AppEnv>,
  given: Pick<StaffPerson, 'typed' | 'done' | 'isLate'>,
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { db } = c.var.deps
  const id = personId(c)
  const [known, record, made, restrictions, { acts }] = await Promise.all([
    findPersonRecord(db, id),
    findCreatorRecord(db, { id }),
    listMade(db, id),
    listRestrictions(db, id),
    listActs(db, { person: id }),
  ])
  const person = found(known, new AppError('person_not_found'))
  return renderPage(
    c,
    <StaffPersonPage {...{ person, record, made, restrictions, acts }} {...given} />,
    status,
  )
}

function personId(c: Context<AppEnv>): number {
  const parsed = idSchema.safeParse(c.req.param('person'))
  if (!parsed.success) throw new AppError('person_not_found')
  return parsed.data
}

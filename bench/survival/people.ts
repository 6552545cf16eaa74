import type { Db } from '#db/client'
import { openSession } from '#db/sessions'
import { passTime } from '#features/settlement/writes/clock'
import { hashPassword } from '#lib/passwords'
import { newToken } from '#lib/tokens'
import { makeBackers } from '../faults/arena'
import type { Backer } from '../faults/backer'
import { newArena } from '../pledges/arena'

/** Somebody who does things on the site. */
export interface Person extends Backer {
  email: string
}

export const password = 'correct horse battery staple'
const daysMax = 30
const secondsPerDay = 86_400

/** People with a password, a token and a card of the provider. */
export async function makePeople(db: Db, count: number): Promise<Person[]> {
  const backers = await makeBackers(db, count)
  const ids = backers.map(({ id }) => id)
  await db.$client`
    update accounts set password_hash = ${await hashPassword(password)}
      where person_id = any(${ids})`
  await db.$client`
    update cards set provider = 'stripe', customer_ref = 'cus_' || person_id,
        method_ref = 'pm_' || person_id
      where person_id = any(${ids})`
  return backers.map((backer) => ({ ...backer, email: `backer${backer.id}@bench.example` }))
}

/** The cookie of a session of this person. */
export async function signedIn(db: Db, { id }: Person): Promise<string> {
  const { token, hash } = newToken()
  await openSession(db, { tokenHash: hash, personId: id, userAgent: 'bench', pending: false })
  return `session=${token}`
}

/** A running project. */
export async function makeProject(db: Db): Promise<number> {
  const { projects } = await newArena(db, 1)
  return projects[0] as number
}

/** Lets a project end so many seconds from now. */
export async function endsIn(db: Db, project: number, seconds: number): Promise<void> {
  const [row] = await db.$client<{ left: number }[]>`
    select date_part('epoch', ends_at - now()) as left from projects where id = ${project}`
  await passTime(db, project, (row?.left ?? daysMax * secondsPerDay) - seconds)
}

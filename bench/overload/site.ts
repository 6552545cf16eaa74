import type { Db } from '#db/client'
import { listedStatuses } from '#features/projects/rules'
import { hashPassword } from '#lib/passwords'
import { paths } from '#web/paths'
import { newArena } from '../pledges/arena'
import { addSignedIn } from '../pledges/people'
import type { Site } from './requests'

export const origin = 'http://localhost'
const password = 'a lamp that glows at night'
const hotPages = 60
const projects = 50

/** What visitors ask for, and so many people who back and sign in, once or in turns. */
export async function makeSite(db: Db, people: number): Promise<Site> {
  const sql = db.$client
  const [signedIn, arena, hash] = await Promise.all([
    addSignedIn(db, people),
    newArena(db, projects),
    hashPassword(password),
  ])
  const last = signedIn.first + people - 1
  await sql`update accounts set password_hash = ${hash}
    where person_id between ${signedIn.first} and ${last}`
  await sql`update access_tokens set scopes = '{read,write,pledges}'
    where person_id between ${signedIn.first} and ${last}`
  await sql`vacuum analyze accounts, access_tokens`
  const listed = await sql<{ id: string; title: string }[]>`
    select id, title from projects where status = any(${[...listedStatuses]}) order by id`
  const known = listed.map(({ id, title }) => ({ id: Number(id), title }))
  const words = known.flatMap(({ title }) => title.toLowerCase().match(/[a-z]{4,}/g) ?? [])
  return {
    ...{ origin, password, people: signedIn, projects: arena.projects, rewards: arena.rewards },
    hotPaths: known.slice(0, hotPages).map((project) => paths.project(project)),
    rare: {
      words: [...new Set(words)],
      people: last,
    },
  }
}

/** The same for those who come after so many: nobody backs twice. */
export const laterPeople = (site: Site, from: number): Site => {
  const { first, firstCard, count } = site.people
  const people = { first: first + from, firstCard: firstCard + from, count: count - from }
  return { ...site, people }
}

import { type Scope, tokenPrefix } from '#db/access-tokens'
import { openSession } from '#db/sessions'
import { addAccount } from '#features/people/writes/joining'
import { hashToken, newToken } from '#lib/tokens'
import type { TestApp } from './app'
import { type Visitor, visitor } from './visitor'

export type Permission = 'edit' | 'community' | 'numbers'
const permissions: readonly Permission[] = ['edit', 'community', 'numbers']

export interface Member extends Visitor {
  id: number
}

/** Somebody with an account who is signed in, made without a mail or a password. */
export async function signedIn(
  site: Pick<TestApp, 'get' | 'db'>,
  name: string,
  role: 'member' | 'staff' = 'member',
): Promise<Member> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.test`
  const { token, hash } = newToken()
  const id = await site.db.transaction(async (tx) => {
    const personId = await addAccount(tx, { email, name, role, passwordHash: 'none' })
    await openSession(tx, { tokenHash: hash, personId, userAgent: 'test', pending: false })
    return personId
  })
  const reader = visitor(site)
  reader.cookies.set('session', token)
  return { ...reader, id }
}

/** Everybody a rule about a project may tell apart. */
export interface Cast {
  anonymous: Visitor
  member: Member
  owner: Member
  staff: Member
  /** May do nothing but this; without one, all. */
  helperWith(permission?: Permission): Member
  /** May do all but this. */
  helperWithout(permission: Permission): Member
  /** Who has written, commented and asked: in the ways below `:person` and `:member`. */
  other: Member
  /** A project of the owner with one of everything in it; returns what stands for `:project` etc. */
  makeProject(status: string): Promise<Record<string, string>>
}

export async function makeCast(site: TestApp): Promise<Cast> {
  const one = (name: string, role?: 'staff') => signedIn(site, name, role)
  const helpers = new Map<string, Member>()
  const everything = permissions.join()
  const sets = [
    everything,
    ...permissions,
    ...permissions.map((but) => permissions.filter((each) => each !== but).join()),
  ]
  for (const set of sets) helpers.set(set, await one(`Helper ${set}`))
  const helper = (set: string) => {
    const found = helpers.get(set)
    if (!found) throw new Error(`nobody may do just ${set}`)
    return found
  }
  const [member, owner, staff, other] = [
    ...[await one('Mem Ber'), await one('Own Er')],
    ...[await one('Sta Ff', 'staff'), await one('Oth Er')],
  ] as [Member, Member, Member, Member]
  return {
    anonymous: visitor(site),
    ...{ member, owner, staff, other },
    helperWith: (permission) => helper(permission ?? everything),
    helperWithout: (but) => helper(permissions.filter((each) => each !== but).join()),
    makeProject: async (status) => {
      const project = await insertProject(site, { status, owner: owner.id, other: other.id })
      for (const [set, { id }] of helpers) {
        await site.db.$client`
          insert into collaborators (project_id, person_id, permissions, accepted_at)
          values (${project['project'] ?? 0}, ${id}, ${set.split(',')}, now())`
      }
      return { ...project, person: String(other.id), member: String(other.id) }
    },
  }
}

async function insertProject(
  { db }: TestApp,
  { status, owner, other }: { status: string; owner: number; other: number },
): Promise<Record<string, string>> {
  const launched = !['draft', 'submitted', 'rejected'].includes(status)
  const [row] = await db.$client`
    with p as (
      insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal, launched_at, ends_at, updates_count,
        comments_count, faqs_count)
      select ${owner}, 'Own Er', ${status}, 'A lamp of paper', 'It folds.', category, subcategory,
        city, state, country, 100000, case when ${launched} then now() end,
        case when ${launched} then timestamptz '2040-06-10' end, ${Number(launched)},
        ${Number(launched)}, 1
      from projects order by id limit 1
      returning id
    ), s as (
      insert into stories select id, 'A story', 'None', '[]' from p
    ), d as (
      insert into drafts (project_id) select id from p
    ), r as (
      insert into rewards (project_id, position, amount, name, description, delivery_month,
        ships_to)
      select id, 1, 2500, 'One lamp', 'Folded.', '2040-12-01', 'nobody' from p returning id
    ), f as (
      insert into faqs select id, 1, 'Why?', 'Why not?' from p
    ), u as (
      insert into updates (project_id, number, title, body, published_at)
      select id, 1, 'First', 'Hello.', now() from p where ${launched}
    ), ud as (
      insert into update_drafts (project_id, title, body, author_id)
      select id, 'Second', 'Soon.', ${owner} from p returning id
    ), c as (
      insert into comments (project_id, author_id, body) select id, ${other}, 'Hm.' from p where ${launched}
      returning id
    ), v as (
      insert into conversations (project_id, member_id, creator_id)
      select id, ${other}, ${owner} from p where ${launched}
    ), m as (
      insert into messages (project_id, member_id, author_id, body)
      select id, ${other}, ${other}, 'Hello?' from p where ${launched} returning id
    ), w as (
      insert into webhooks (project_id, url, secret, kinds, disabled_at)
      select id, 'https://example.test/', 'whsec_AAAA', '{project.failed}', null from p returning id
    ), wd as (
      insert into webhook_deliveries (project_id, webhook_id, kind, body, due_at)
      select p.id, w.id, 'ping', '{}', null from p, w returning id
    ), rp as (
      insert into reports (kind, about_project, subject, excerpt, reporter_id, reason)
      select 'comment', p.id, c.id, 'Hm.', ${owner}, 'spam' from p, c returning id
    )
    select p.id as project, r.id as reward, ud.id as draft,
      (select id from c) as comment, (select id from m) as message,
      (select id from w) as webhook, (select id from wd) as delivery,
      (select id from rp) as report
    from p, r, ud`
  const given = Object.fromEntries(
    Object.entries(row ?? {}).map(([name, id]) => [name, `${id ?? 999_999_999}`]),
  )
  // Nobody has backed it, nor an address that is anybody's.
  const none = '999999999'
  return { ...given, number: '1', position: '1', pledge: none, address: none }
}

/** A program that acts for somebody, with a token that opens this. */
export async function program(site: TestApp, personId: number, scopes: readonly Scope[]) {
  const token = tokenPrefix + newToken().token
  await site.db.$client`
    insert into access_tokens (token_hash, person_id, name, scopes, expires_at)
    values (${hashToken(token)}, ${personId}, 'Test', ${[...scopes]}, now() + interval '1 day')`
  return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    site.get(`/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
}

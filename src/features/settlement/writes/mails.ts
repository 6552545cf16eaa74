import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { type Mail, queueMails } from '#db/outbox'
import { mailGuest } from '#features/people/writes/mailed-links'
import { paths } from '#web/paths'
import { droppedLetter, erroredLetter, refundLetter } from '../parts/letters'
import type { DueProject } from '../reads/due'

type Tx = Pick<Db, 'execute' | 'insert' | 'delete'>
type About = Pick<DueProject, 'id' | 'title' | 'currency'>
type Unpaid = { pledgeId: number; backerId: number; amount: number; code?: string | null }
type Reader = { id: number; name: string; email: string; isGuest: boolean }

/** Tells backers that they could not be charged, `round` times before; each time once. */
export async function mailErrored(
  tx: Tx,
  site: string,
  project: About,
  unpaid: readonly Unpaid[],
  round: number,
): Promise<void> {
  await mailEach(tx, project, unpaid, `unpaid ${round}`, (pledge, reader, token) => {
    const url = linkOf(site, paths.mendPledge(project), token)
    return erroredLetter(project, { ...pledge, code: pledge.code ?? null, name: reader.name }, url)
  })
}

/** Tells backers that their pledges were given up. */
export async function mailDropped(
  tx: Tx,
  site: string,
  project: About,
  unpaid: readonly Unpaid[],
): Promise<void> {
  await mailEach(tx, project, unpaid, 'dropped', (pledge, reader, token) => {
    const url = linkOf(site, paths.pledge(project), token)
    return droppedLetter(project, { ...pledge, name: reader.name }, url)
  })
}

/** Tells a backer that money went back to them. */
export async function mailRefunded(
  tx: Tx,
  site: string,
  project: About,
  refund: Unpaid & { number: number; reason: string },
): Promise<void> {
  await mailEach(tx, project, [refund], `refund ${refund.number}`, (_, reader, token) => {
    const url = linkOf(site, paths.pledge(project), token)
    return refundLetter(project, { ...refund, name: reader.name }, url)
  })
}

/** Whoever has no account proves by the link who they are. */
const linkOf = (site: string, path: string, token: string | null) =>
  site + (token === null ? path : paths.enterAsGuest({ token, next: path }))

async function mailEach(
  tx: Tx,
  project: About,
  unpaid: readonly Unpaid[],
  what: string,
  write: (pledge: Unpaid, reader: Reader, token: string | null) => Omit<Mail, 'recipient'>,
): Promise<void> {
  if (unpaid.length === 0) return
  const ids = `{${unpaid.map(({ backerId }) => backerId).join()}}`
  const readers = await tx.execute<Reader>(sql`
    select p.id::float8 as id, p.name, coalesce(a.email, g.email) as email,
        a.email is null as "isGuest"
      from people p left join accounts a on a.person_id = p.id
        left join guests g on g.person_id = p.id
      where p.id = any(${ids}::bigint[]) and coalesce(a.email, g.email) is not null`)
  const byId = new Map(readers.map((reader) => [reader.id, reader]))
  const mails: (Mail & { event: string })[] = []
  for (const pledge of unpaid) {
    const reader = byId.get(pledge.backerId)
    if (!reader) continue
    const event = `pledge ${project.id} ${pledge.pledgeId} ${what}`
    if (reader.isGuest) {
      const guest = { personId: reader.id, email: reader.email }
      await mailGuest(tx, event, guest, (token) => write(pledge, reader, token))
    } else mails.push({ event, recipient: reader.email, ...write(pledge, reader, null) })
  }
  if (mails.length > 0) await queueMails(tx, mails)
}

/** Tells the creator of a project something about its money, once. */
export async function mailCreator(
  tx: Tx,
  creatorId: number,
  event: string,
  write: (name: string) => Omit<Mail, 'recipient'>,
): Promise<void> {
  const [creator] = await tx.execute<{ name: string; email: string }>(sql`
    select p.name, a.email from accounts a join people p on p.id = a.person_id
      where a.person_id = ${creatorId}`)
  if (creator) await queueMails(tx, [{ event, recipient: creator.email, ...write(creator.name) }])
}

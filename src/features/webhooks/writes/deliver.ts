import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { queueMail } from '#db/outbox'
import type { Deps } from '#deps'
import { plain } from '#http/forms'
import { paths } from '#web/paths'
import { disabledLetter } from '../parts'
import { kindOfLine } from '../rules/kinds'
import {
  answerCharactersMax,
  deliveriesKeptDays,
  deliveriesPerTurn,
  deliveryName,
  failingHoursMax,
  goneStatus,
  isTaken,
  leaseSeconds,
  linesPerTurn,
  pauseSeconds,
  sendsAtOnce,
  signedHeaders,
  waitSeconds,
  webhooksPerBatch,
} from '../rules/sending'
import { type Sent, send } from './send'

type Site = Pick<Deps, 'db' | 'config'>
type Row = Record<string, unknown>

interface Claimed {
  projectId: number
  id: number
  url: string
  /** The new one and, for a while, the old one. */
  secrets: string[]
}
interface Due {
  id: number
  body: string
  attempts: number
}
/** What came of one try. */
interface Tried {
  id: number
  status: number | null
  answer: string | null
  problem: string | null
  isDelivered: boolean
  /** Null when nothing more is tried. */
  waitSeconds: number | null
}

/**
 * Gives some webhooks, those that have waited longest, their turn side by side; returns how many.
 */
export async function deliverDue(site: Site): Promise<number> {
  const due = await claimWebhooks(site.db)
  await Promise.all(due.map((webhook) => deliver(site, webhook)))
  return due.length
}

/**
 * Makes deliveries of what has happened, sends those that are due and records what came of them.
 * While it lasts no other process has this webhook, and no transaction is open while something is
 * sent; after a crash all of it is done again, under the same names.
 */
async function deliver({ db, config }: Site, webhook: Claimed): Promise<void> {
  await queueLines(db, webhook)
  const waiting = await listDue(db, webhook)
  const tried: Tried[] = []
  while (waiting.length > 0) {
    const batch = waiting.splice(0, sendsAtOnce)
    tried.push(...(await Promise.all(batch.map((due) => tryOnce(webhook, due, config.demo)))))
    // Whoever does not answer once is not asked for the rest of the turn.
    if (tried.some(({ status }) => status === null)) break
  }
  await recordTries(db, webhook, tried, config.baseUrl)
}

async function claimWebhooks(db: Db): Promise<Claimed[]> {
  return await db.execute<Claimed & Row>(sql`
    update webhooks w set leased_until = now() + make_interval(secs => ${leaseSeconds})
      from (
        select c.project_id, c.id from webhooks c
          where c.disabled_at is null and (c.leased_until <= now()) is not false
            and (exists (select from webhook_deliveries d
                where d.project_id = c.project_id and d.webhook_id = c.id and d.due_at <= now())
              or exists (select from ledger_heads h
                where h.project_id = c.project_id and h.number > c.ledger_number))
          order by c.leased_until nulls first limit ${webhooksPerBatch}
          for update skip locked
      ) due
      where w.project_id = due.project_id and w.id = due.id
      returning w.project_id::float8 as "projectId", w.id::float8 as id, w.url,
        array_remove(array[w.secret, case when w.old_secret_until > now() then w.old_secret end],
          null) as secrets`)
}

/** What the books of the project say since the last turn. */
async function queueLines(db: Db, { projectId, id }: Claimed): Promise<void> {
  await db.execute(sql`
    with line as materialized (
      select l.* from webhooks w join ledger l on l.project_id = w.project_id
          and l.number > w.ledger_number
        where w.project_id = ${projectId} and w.id = ${id}
        order by l.number limit ${linesPerTurn}
    ), reached as (
      update webhooks w set ledger_number = last.number
        from (select max(number) as number from line) last
        where w.project_id = ${projectId} and w.id = ${id} and last.number is not null
    )
    insert into webhook_deliveries (project_id, webhook_id, kind, body)
      select w.project_id, w.id, named.kind, jsonb_build_object(
          'type', named.kind,
          'timestamp', to_char(l.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'data', jsonb_strip_nulls(jsonb_build_object(
            'project_id', p.id, 'project_title', p.title, 'project_status', p.status,
            'pledge_id', l.pledge_id, 'backer_id', b.backer_id, 'reward_id', b.reward_id,
            'amount', case when l.kind = 'change' and l.debit = 'promised' then -l.amount
              else l.amount end,
            'pledge_amount', b.amount, 'currency', p.currency)))::text
        from line l
          join jsonb_each_text(${JSON.stringify(kindOfLine)}::jsonb) named (line_kind, kind)
            on named.line_kind = l.kind
          join webhooks w on w.project_id = ${projectId} and w.id = ${id}
            and named.kind = any(w.kinds)
          join projects p on p.id = l.project_id
          left join pledges b on b.project_id = l.project_id and b.id = l.pledge_id
        order by l.number`)
}

async function listDue(db: Db, { projectId, id }: Claimed): Promise<Due[]> {
  return await db.execute<Due & Row>(sql`
    select id::float8 as id, body, attempts::int as attempts from webhook_deliveries
      where project_id = ${projectId} and webhook_id = ${id} and due_at <= now()
      order by due_at, id limit ${deliveriesPerTurn}`)
}

async function tryOnce(webhook: Claimed, due: Due, anywhere: boolean): Promise<Tried> {
  const { id, body, attempts } = due
  const signed = signedHeaders(webhook.secrets, deliveryName(id), body, new Date())
  const headers = {
    ...{ 'content-type': 'application/json', 'user-agent': 'Jumpstarter-Webhooks', ...signed },
  }
  return triedOf(id, attempts, await send(webhook.url, body, headers, anywhere))
}

function triedOf(id: number, attempts: number, sent: Sent): Tried {
  const wait = waitSeconds(attempts + 1, Math.random()) ?? null
  if ('problem' in sent) {
    const none = { status: null, answer: null, isDelivered: false }
    return { id, ...none, problem: sent.problem, waitSeconds: wait }
  }
  const { status } = sent
  const isDelivered = isTaken(status)
  const answer = plain(sent.answer).slice(0, answerCharactersMax)
  const again = isDelivered || status === goneStatus ? null : wait
  return { id, status, answer, problem: null, isDelivered, waitSeconds: again }
}

/**
 * Writes down what came of a turn and ends it. A webhook is switched off, with a mail to its
 * creator, when its program says that it is gone or nothing has got through for too long.
 */
async function recordTries(
  db: Db,
  { projectId, id, url }: Claimed,
  tried: readonly Tried[],
  site: string,
): Promise<void> {
  const isGone = tried.some(({ status }) => status === goneStatus)
  const isThrough = tried.some(({ isDelivered }) => isDelivered)
  const isFailing = tried.length > 0 && !isThrough
  const isGivenUp = tried.some((one) => !one.isDelivered && one.waitSeconds === null)
  const pauses = tried.some(({ status }) => status === null)
  await db.transaction(async (tx) => {
    await tx.execute(sql`
      update webhook_deliveries d set attempts = d.attempts + 1, tried_at = now(),
          response_status = t.status, answer = t.answer, last_error = t.problem,
          delivered_at = case when t."isDelivered" then now() end,
          due_at = now() + make_interval(secs => t."waitSeconds")
        from jsonb_to_recordset(${JSON.stringify(tried)}::jsonb) as t (id bigint, status smallint,
          answer text, problem text, "isDelivered" boolean, "waitSeconds" float8)
        where d.project_id = ${projectId} and d.webhook_id = ${id} and d.id = t.id`)
    const [off] = await tx.execute<{ title: string; name: string; email: string }>(sql`
      with webhook as (
        update webhooks set
            leased_until = case when ${pauses} then
              now() + make_interval(secs => ${pauseSeconds}) end,
            failing_since = case when ${isFailing} then coalesce(failing_since, now())
              when not ${isThrough} then failing_since end,
            disabled_at = case when ${isGone} or (${isFailing && isGivenUp}
                and failing_since <= now() - make_interval(hours => ${failingHoursMax}))
              then now() else disabled_at end
          where project_id = ${projectId} and id = ${id}
          returning project_id, disabled_at
      )
      select p.title, c.name, a.email from webhook w
          join projects p on p.id = w.project_id
          join people c on c.id = p.creator_id
          join accounts a on a.person_id = p.creator_id
        where w.disabled_at = now()`)
    if (!off) return
    const event = `webhook off ${id} ${crypto.randomUUID()}`
    const page = site + paths.webhook({ id: projectId }, id)
    const letter = disabledLetter({ ...off, url, isGone }, page)
    await queueMail(tx, event, { recipient: off.email, ...letter })
  })
}

/** Forgets what was sent, or could not be, a month ago. */
export async function dropOldDeliveries(db: Db): Promise<void> {
  await db.execute(sql`
    delete from webhook_deliveries
      where created_at < now() - make_interval(days => ${deliveriesKeptDays})`)
}

import { randomBytes } from 'node:crypto'
import { and, asc, eq, sql } from 'drizzle-orm'
import type { Db } from './client'
import { prepared } from './prepared'
import { testGateway } from './schema/payments'

/** What the test gateway keeps, so that all processes and hosts see one gateway. */

export type GatewayData = Record<string, unknown>
export type GatewayKind = 'setup' | 'payment' | 'refund' | 'payout' | 'lost'
export interface GatewayRow {
  ref: string
  data: GatewayData
}

const newRef = (kind: string) => `${kind}_${randomBytes(12).toString('hex')}`

const insertOnce = prepared((db) =>
  db
    .insert(testGateway)
    .values({
      ref: sql.placeholder('ref'),
      requestKey: sql.placeholder('requestKey'),
      kind: sql.placeholder('kind'),
      data: sql.placeholder('data'),
    })
    .onConflictDoNothing()
    .returning({ ref: testGateway.ref })
    .prepare('gateway_insert'),
)

/** Keeps what a request has made, once for its key; returns what the first one with it made. */
export async function recordOnce(
  db: Db,
  kind: GatewayKind,
  requestKey: string,
  data: GatewayData,
): Promise<GatewayRow & { isNew: boolean }> {
  const ref = newRef(kind)
  const [made] = await insertOnce(db).execute({ ref, requestKey, kind, data })
  if (made) return { ref, data, isNew: true }
  const first = await findByKey(db, requestKey)
  if (!first) throw new Error('the test gateway has lost a request')
  return { ...first, isNew: false }
}

const columns = { ref: testGateway.ref, data: testGateway.data }

/** What was made for a key. */
export async function findByKey(db: Db, requestKey: string): Promise<GatewayRow | undefined> {
  const [row] = await db
    .select(columns)
    .from(testGateway)
    .where(eq(testGateway.requestKey, requestKey))
  return row
}

export async function findGatewayRow(
  db: Db,
  kind: GatewayKind,
  ref: string,
): Promise<GatewayRow | undefined> {
  const [row] = await db
    .select(columns)
    .from(testGateway)
    .where(and(eq(testGateway.ref, ref), eq(testGateway.kind, kind)))
  return row
}

/**
 * Changes a setup or a payment while nobody else does: `change` is given what is kept and returns
 * what is to be, with events to tell us of, or undefined to leave it. Returns what is kept then.
 */
export async function changeGatewayRow(
  db: Db,
  ref: string,
  change: (data: GatewayData) => GatewayData | undefined,
  events: readonly NewGatewayEvent[] = [],
): Promise<GatewayRow | undefined> {
  return await db.transaction(async (tx) => {
    const [row] = await tx
      .select(columns)
      .from(testGateway)
      .where(eq(testGateway.ref, ref))
      .for('update')
    if (!row) return undefined
    const data = change(row.data)
    if (!data) return row
    await tx.update(testGateway).set({ data }).where(eq(testGateway.ref, ref))
    await addGatewayEvents(tx, events)
    return { ref, data }
  })
}

/** Gives back some of a payment, never more than all of it; undefined when that is too much. */
export async function refundOnce(
  db: Db,
  requestKey: string,
  asked: { payment: string; amount: number; reason: string },
): Promise<GatewayRow | undefined> {
  return await db.transaction(async (tx) => {
    const [payment] = await tx
      .select(columns)
      .from(testGateway)
      .where(and(eq(testGateway.ref, asked.payment), eq(testGateway.kind, 'payment')))
      .for('update')
    const [done] = await tx
      .select(columns)
      .from(testGateway)
      .where(eq(testGateway.requestKey, requestKey))
    if (done || !payment || payment.data['status'] !== 'succeeded') return done
    const refunded = Number(payment.data['refunded'] ?? 0) + asked.amount
    if (refunded > Number(payment.data['amount'])) return undefined
    await tx
      .update(testGateway)
      .set({ data: { ...payment.data, refunded } })
      .where(eq(testGateway.ref, payment.ref))
    const [made] = await tx
      .insert(testGateway)
      .values({ ref: newRef('refund'), requestKey, kind: 'refund', data: asked })
      .returning(columns)
    return made
  })
}

/** Of the gateway's webhooks: the same on all hosts, made when it is first needed. */
export async function gatewaySecret(db: Db): Promise<string> {
  const find = () => db.select(columns).from(testGateway).where(eq(testGateway.ref, 'secret'))
  let [row] = await find()
  if (!row) {
    const data = { secret: randomBytes(32).toString('hex') }
    await db
      .insert(testGateway)
      .values({ ref: 'secret', kind: 'secret', data })
      .onConflictDoNothing()
    ;[row] = await find()
  }
  return String(row?.data['secret'])
}

export interface NewGatewayEvent {
  /** The same event is kept once. */
  key: string
  kind: string
  object: GatewayData
  delayMs: number
}

export async function addGatewayEvents(
  db: Pick<Db, 'insert'>,
  events: readonly NewGatewayEvent[],
): Promise<void> {
  if (events.length === 0) return
  await db
    .insert(testGateway)
    .values(
      events.map(({ key, kind, object, delayMs }) => ({
        ref: newRef('event'),
        requestKey: `event ${key}`,
        kind: 'event',
        data: { kind, object, dueAt: Date.now() + delayMs, tries: 0 },
      })),
    )
    .onConflictDoNothing()
}

// Whoever takes an event has this long; another host may take it then.
const leaseMs = 30_000

/** An event to be told now, which is left to the caller for half a minute. */
export async function claimGatewayEvent(db: Db): Promise<GatewayRow | undefined> {
  return await db.transaction(async (tx) => {
    const [row] = await tx
      .select(columns)
      .from(testGateway)
      .where(
        sql`${testGateway.kind} = 'event' and (${testGateway.data}->>'dueAt')::bigint <= ${Date.now()}`,
      )
      .orderBy(asc(testGateway.createdAt))
      .limit(1)
      .for('update', { skipLocked: true })
    if (!row) return undefined
    const tries = Number(row.data['tries']) + 1
    const data = { ...row.data, tries, dueAt: Date.now() + leaseMs * tries }
    await tx.update(testGateway).set({ data }).where(eq(testGateway.ref, row.ref))
    return { ref: row.ref, data }
  })
}

/** An event that was taken note of, or that nobody will take note of, is forgotten. */
export async function dropGatewayEvent(db: Db, ref: string): Promise<void> {
  await db.delete(testGateway).where(eq(testGateway.ref, ref))
}

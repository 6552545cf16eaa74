import type { Sql } from 'postgres'
import type { PledgeRequest, PledgeResult } from '../rules'

/**
 * Takes pledges that have come in together, in one transaction, and says of each what has come of
 * it, in the same order. Nobody may be among them twice with the same project. The transaction
 * survives a crash, whatever its session is set to: behind a pooler that is not for us to say.
 */
export async function takePledges(
  sql: Pick<Sql, 'unsafe'>,
  requests: readonly PledgeRequest[],
): Promise<PledgeResult[]> {
  const addOns = requests.flatMap(({ addOns }, index) =>
    addOns.map((addOn) => ({ ...addOn, ord: index + 1 })),
  )
  const numbers = (of: (request: PledgeRequest) => number | bigint | null) =>
    `{${requests.map((request) => of(request) ?? 'NULL').join()}}`
  const texts = (of: (request: PledgeRequest) => string | null) =>
    `{${requests.map((request) => quoted(of(request))).join()}}`
  const rows = await sql.unsafe<Row[]>(
    `select outcome, pledge_id, total from set_config('synchronous_commit', 'on', true),
      take_pledges($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      numbers(({ projectId }) => projectId),
      numbers(({ backerId }) => backerId),
      texts(({ key }) => key),
      numbers(fingerprintOf),
      numbers(({ rewardId }) => rewardId),
      numbers(({ bonus }) => bonus),
      texts(({ shipTo }) => shipTo),
      `{${requests.map(({ anonymous }) => anonymous).join()}}`,
      numbers(({ total }) => total),
      numbers(({ cardId }) => cardId),
      `{${addOns.map(({ ord }) => ord).join()}}`,
      `{${addOns.map(({ rewardId }) => rewardId).join()}}`,
      `{${addOns.map(({ quantity }) => quantity).join()}}`,
    ],
    { prepare: true },
  )
  return rows.map(({ outcome, pledge_id, total }) => ({
    outcome,
    pledgeId: pledge_id === null ? null : Number(pledge_id),
    total: total === null ? null : Number(total),
  }))
}

interface Row {
  outcome: PledgeResult['outcome']
  pledge_id: string | null
  total: string | null
}

/** As an element of an array that is written as text. */
const quoted = (text: string | null) =>
  text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`

/** Of all that was asked for; a signed 64-bit number, as Postgres has them. */
export function fingerprintOf(request: PledgeRequest): bigint {
  const { rewardId, addOns, bonus, shipTo, anonymous, total, cardId } = request
  const text = JSON.stringify([rewardId, addOns, bonus, shipTo, anonymous, total, cardId])
  return BigInt.asIntN(64, BigInt(Bun.hash(text)))
}

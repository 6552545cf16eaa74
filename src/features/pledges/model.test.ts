import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, type Db, openDb } from '#db/client'
import { verifyCounters } from '#db/verify'
import { AppError } from '#lib/errors'
import { addReward, makeCampaign } from '#testing/campaign'
import { type TestDatabase, testDatabase } from '#testing/database'
import { type Action, type ModelReward, PledgeModel, type Said } from '#testing/pledge-model'
import { createRandom, type Random } from '#web/pictures/random'
import type { PledgeRequest } from './rules'
import { createPledgeWriter, type PledgeWriter } from './writes/batch-writer'
import { cancelPledge, changePledge } from './writes/change-pledge'
import { holdReward } from './writes/holds'

/**
 * Random actions, several at once and through two writers as two processes have them, against a
 * model in memory: what they are answered is what some order of them, one after the other, would be
 * answered by the model, and in the end Postgres holds what the model holds. A run is repeated by
 * PLEDGE_SEED=<its seed>.
 */

setDefaultTimeout(60_000)

const givenSeed = process.env['PLEDGE_SEED']
const seeds = givenSeed
  ? [Number(givenSeed)]
  : [1, ...Array.from({ length: 3 }, () => Math.floor(Math.random() * 1e9))]
const outcomes = new Set<string>()
const roundsCount = 100
const atOnceMax = 4
const backersCount = 7
const goal = 20_000

let database: TestDatabase
let db: Db
let pools: Db[]
let writers: PledgeWriter[]
beforeAll(async () => {
  database = await testDatabase()
  db = database.db
  pools = [1, 2].map(() => openDb(database.url, { max: 1, applicationName: 'jumpstarter test' }))
  writers = pools.map((pool) => createPledgeWriter(pool))
})
afterAll(async () => {
  await Promise.all(pools.map((pool) => closeDb(pool)))
  await database.close()
}, 30_000)

interface Arena {
  project: number
  backers: number[]
  model: PledgeModel
}

async function makeArena(): Promise<Arena> {
  const project = await makeCampaign(db.$client, { goal, endsIn: 10 * 86_400 })
  const people = await db.$client`
    insert into people (name) select 'Backer ' || n from generate_series(1, ${backersCount}) n
      returning id`
  const [row] = await db.$client`select creator_id from projects where id = ${project}`
  const reward = async (given: Partial<Omit<ModelReward, 'id'>>): Promise<ModelReward> => {
    const all = {
      ...{ amount: 2_000, isAddOn: false, quantity: null, perBackerMax: 10 },
      ...{ isClosed: false, shipping: null, ...given },
    }
    const columns = {
      ...{ amount: all.amount, is_add_on: all.isAddOn, quantity: all.quantity },
      ...{ per_backer_max: all.isAddOn ? all.perBackerMax : null },
      closes_at: all.isClosed ? '2020-01-01' : null,
    }
    return { id: await addReward(db.$client, project, columns, all.shipping ?? {}), ...all }
  }
  const rewards = [
    await reward({}),
    await reward({ amount: 3_000, quantity: 2 }),
    await reward({ amount: 2_500, quantity: 3, shipping: { Germany: 450, Iceland: 700 } }),
    await reward({ amount: 900, shipping: { France: 300, 'Rest of the world': 1_100 } }),
    await reward({ amount: 1_000, isClosed: true }),
    await reward({ amount: 250, isAddOn: true, quantity: 6, perBackerMax: 4 }),
    await reward({ amount: 100, isAddOn: true }),
    await reward({ amount: 150, isAddOn: true, isClosed: true }),
  ]
  const model = new PledgeModel({ creatorId: Number(row?.['creator_id']), goal, rewards })
  return { project, backers: people.map(({ id }) => Number(id)), model }
}

/** Draws what may be done next; some of it is done before, forged or cannot be had. */
function createDraw(random: Random, { project, backers, model }: Arena) {
  const asked: PledgeRequest[] = []
  const [addOns, bases] = [true, false].map((kind) =>
    model.rewards.filter(({ isAddOn }) => isAddOn === kind).map(({ id }) => id),
  ) as [number[], number[]]
  const anyone = () => (random.chance(0.02) ? model.creatorId : random.pick(backers))
  const fresh = () => `key-${asked.length}-${random.int(0, 1e9)}`
  const wish = (): PledgeRequest => {
    const odd = random.chance(0.03)
    const rewardId = random.chance(0.2) ? null : random.pick(odd ? [...addOns, 999_999_999] : bases)
    const extras = random.shuffle(odd ? [...addOns, ...bases] : addOns)
    const request = {
      ...{ projectId: project, backerId: anyone(), key: fresh(), rewardId, cardId: null },
      addOns: extras
        .slice(0, random.chance(0.5) ? random.int(1, 2) : 0)
        .map((rewardId) => ({ rewardId, quantity: random.int(1, odd ? 11 : 3) })),
      bonus: random.pick([0, 0, 500, 700, 5_000]),
      shipTo: random.pick([null, 'Germany', 'France', 'Chile', 'Germany']),
      anonymous: random.chance(0.3),
    }
    const total = model.priceOf(request) + Number(random.chance(0.03))
    asked.push({ ...request, total })
    return { ...request, total }
  }
  const request = (): PledgeRequest => {
    if (asked.length === 0 || random.chance(0.7)) return wish()
    const before = random.pick(asked)
    return random.chance(0.7) ? { ...before } : { ...wish(), ...keyOf(before) }
  }
  const keyOf = ({ backerId, key }: PledgeRequest) => ({ backerId, key })
  return (): Action => {
    const kind = random.float(0, 1)
    if (kind < 0.55) return { act: 'place', request: request() }
    if (kind < 0.75) return { act: 'change', request: request() }
    if (kind < 0.85) return { act: 'hold', backerId: anyone(), rewardId: random.pick(bases) }
    if (asked.length > 0 && random.chance(0.1)) {
      return { act: 'cancel', ...keyOf(random.pick(asked)) }
    }
    return { act: 'cancel', backerId: anyone(), key: random.chance(0.2) ? 'again' : fresh() }
  }
}

/** Does it for real. */
async function perform({ project }: Arena, action: Action, writer: PledgeWriter): Promise<Said> {
  try {
    if (action.act === 'hold') {
      const { backerId: personId, rewardId } = action
      await holdReward(db, { projectId: project, personId, rewardId })
      return { outcome: 'done' }
    }
    if (action.act === 'cancel') {
      await cancelPledge(db, { projectId: project, ...action })
      return { outcome: 'done' }
    }
    const { act, request } = action
    const said = await (act === 'place' ? writer.place(request) : changePledge(db, request))
    return { outcome: said.outcome, total: said.total }
  } catch (error) {
    if (error instanceof AppError) return { outcome: error.code }
    const { constraint_name: constraint } = error as { constraint_name?: string }
    if (constraint === undefined) throw error
    return { outcome: constraint }
  }
}

/** The model after these, in an order in which it answers the same and comes to what is stored. */
function explain(
  model: PledgeModel,
  done: readonly { action: Action; said: Said }[],
  traces: object,
): PledgeModel | undefined {
  if (done.length === 0) return Bun.deepEquals(tracesOf(model), traces) ? model : undefined
  for (const [index, { action, said }] of done.entries()) {
    const next = model.copy()
    if (!Bun.deepEquals(next.do(action), said)) continue
    const last = explain(next, done.toSpliced(index, 1), traces)
    if (last) return last
  }
  return undefined
}

/** By which the order in which things were done is seen. */
const tracesOf = ({ lines, holds }: PledgeModel) => ({
  lines,
  held: [...holds.values()].toSorted((a, b) => a.personId - b.personId || a.rewardId - b.rewardId),
})

async function storedTraces({ project }: Arena) {
  const [lines, held] = await Promise.all([
    db.$client`
      select l.kind, b.backer_id::int as "backerId", l.amount::int
        from ledger l join pledges b on b.project_id = l.project_id and b.id = l.pledge_id
        where l.project_id = ${project} order by l.number`,
    db.$client`
      select person_id::int as "personId", reward_id::int as "rewardId" from reward_holds
        where project_id = ${project} and expires_at > clock_timestamp() order by 1, 2`,
  ])
  return { lines: [...lines], held: [...held] }
}

/** What happens to the project without anybody backing it. */
async function pass(
  { project, backers }: Arena,
  model: PledgeModel,
  random: Random,
  round: number,
) {
  const endsIn = async (seconds: number) => {
    await db.$client`update projects set ends_at = clock_timestamp() + make_interval(secs => ${seconds})
      where id = ${project}`
  }
  if (random.chance(0.1)) {
    const personId = random.pick(backers)
    await db.$client`update reward_holds set expires_at = clock_timestamp()
      where project_id = ${project} and person_id = ${personId}`
    for (const [name, held] of model.holds) {
      if (held.personId === personId) model.holds.delete(name)
    }
  }
  if (round === roundsCount / 2) {
    await endsIn(23 * 3_600)
    model.isLastDay = true
  }
  if (round === roundsCount - 5) {
    await endsIn(0)
    model.isOpen = false
  }
}

/** What the tables say of the project, and what the model does. */
async function stored({ project, model }: Arena) {
  const sql = db.$client
  const [totals] = await sql`
    select pledged::int, backers_count as backers from projects where id = ${project}`
  const taken = await sql`
    select id::int, backers_count as taken from rewards where project_id = ${project} order by id`
  const pledges = await sql`
    select b.backer_id::int as "backerId", b.status, b.amount::int, b.anonymous,
        b.reward_id::int as "rewardId", coalesce((select json_agg(json_build_object(
          'rewardId', a.reward_id, 'quantity', a.quantity) order by a.reward_id)
          from pledge_add_ons a where a.project_id = b.project_id and a.pledge_id = b.id), '[]') as "addOns"
      from pledges b where b.project_id = ${project} order by b.backer_id`
  const shown = await sql`
    select count(*)::int as pledges, (select sum(pledges_count)::int from people where id = any(
        array(select backer_id from pledges where project_id = ${project}))) as counted
      from pledges where project_id = ${project} and status = 'pledged' and not anonymous`
  expect(shown[0]?.['counted'] ?? 0).toBe(shown[0]?.['pledges'])
  expect(model.rewards.map(({ id }) => id)).toEqual(taken.map(({ id }) => id))
  return { ...totals, taken: taken.map((row) => row['taken']), pledges: [...pledges] }
}

function expected({ model }: Arena) {
  const { pledges, rewards } = model
  return {
    pledged: model.pledged(),
    backers: model.standing().length,
    taken: rewards.map(({ id }) => model.taken(id)),
    pledges: [...pledges]
      .toSorted(([a], [b]) => a - b)
      .map(([backerId, pledge]) => ({
        ...{ backerId, ...pledge },
        addOns: pledge.addOns.toSorted((a, b) => a.rewardId - b.rewardId),
      })),
  }
}

test.each(seeds)('Postgres and the model agree, seed %d', async (seed) => {
  const random = createRandom(seed)
  const arena = await makeArena()
  const draw = createDraw(random, arena)
  for (let round = 0; round < roundsCount; round++) {
    await pass(arena, arena.model, random, round)
    const actions = Array.from({ length: random.int(1, atOnceMax) }, draw)
    const done = await Promise.all(
      actions.map(async (action) => ({
        action,
        said: await perform(arena, action, random.pick(writers)),
      })),
    )
    for (const { said } of done) outcomes.add(said.outcome)
    const traces = await storedTraces(arena)
    const after = explain(arena.model, done, traces)
    if (!after) {
      const unexplained = { seed, round, done, before: tracesOf(arena.model), after: traces }
      throw new Error(JSON.stringify(unexplained))
    }
    Object.assign(arena.model, after)
  }
  expect({ seed, ...(await stored(arena)) }).toEqual({ seed, ...expected(arena) } as never)
  const wrong = (await Array.fromAsync(verifyCounters(db))).filter(({ count }) => count > 0)
  expect({ seed, wrong }).toEqual({ seed, wrong: [] })
})

// One run may lack one of them by chance.
test.skipIf(givenSeed !== undefined)('every outcome has been met', () => {
  const wanted = ['taken', 'replayed', 'key_reused', 'sold_out', 'done']
  expect([...outcomes]).toEqual(expect.arrayContaining(wanted))
})

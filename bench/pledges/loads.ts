import { closeDb, type Db, openDb } from '#db/client'
import type { PledgeRequest } from '#features/pledges/rules'
import { createPledgeWriter } from '#features/pledges/writes/batch-writer'
import { type LoadOptions, type Run, runLoad } from '../database/load'
import { runPgbench } from '../database/pgbench'
import {
  type Arena,
  bonusAmount as amount,
  disagreements,
  hotProjects,
  hotShare,
  drawProject as pick,
  rewardedTotal,
} from './arena'

export interface Surroundings {
  db: Db
  url: string
  firstBacker: number
  pgbench: string | undefined
}

/** One way to take pledges into an arena. */
export interface Load {
  id: 'ours' | 'naive' | 'slots' | 'pgbench'
  name: string
  run(arena: Arena, around: Surroundings, options: LoadOptions): Promise<Run>
}

/** More connections than this take no more pledges, and Postgres has a process for each. */
const connectionsMax = 64
const slots = 16

/**
 * The batch writer with all it does: keys, limited stock, the books, totals, counts, who backed
 * before. Every other pledge takes a reward of which there are only so many. Throws when what was
 * acknowledged is not what is stored.
 */
const ours: Load = {
  id: 'ours',
  name: 'the batch writer, everything on',
  run: async (arena, { db, url, firstBacker }, options) => {
    const pool = openDb(url, { max: 1, applicationName: 'bench pledges', genericPlans: true })
    const writer = createPledgeWriter(pool)
    let drawn = 0
    let taken = 0
    const request = (): PledgeRequest => {
      const backer = drawn++
      const index = pick(arena.projects.length)
      const hasReward = backer % 2 === 0
      return {
        projectId: arena.projects[index] as number,
        backerId: firstBacker + backer,
        key: crypto.randomUUID(),
        rewardId: hasReward ? (arena.rewards[index] as number) : null,
        addOns: [],
        bonus: amount,
        shipTo: null,
        anonymous: false,
        total: hasReward ? rewardedTotal : amount,
        cardId: null,
      }
    }
    try {
      const run = await runLoad(async () => {
        const { outcome } = await writer.place(request())
        if (outcome !== 'taken') throw new Error(`a pledge was answered with ${outcome}`)
        taken++
      }, options)
      await writer.drain()
      const wrong = await disagreements(db, arena, taken)
      if (wrong.length > 0) throw new Error(`after a run: ${wrong.join('; ')}`)
      return run
    } finally {
      await closeDb(pool)
    }
  },
}

/** A transaction for each pledge over a pool of connections; no keys, stock or books. */
const transactions = (
  load: Pick<Load, 'id' | 'name'>,
  raise: (tx: Db['$client'], project: number) => Promise<unknown>,
): Load => ({
  ...load,
  run: async (arena, { url, firstBacker }, options) => {
    const max = Math.min(options.inFlight, connectionsMax)
    const pool = openDb(url, { max, applicationName: 'bench pledges' })
    let drawn = 0
    try {
      return await runLoad(async () => {
        const project = arena.projects[pick(arena.projects.length)] as number
        const backer = firstBacker + drawn++
        await pool.$client.begin(async (tx) => {
          await tx`insert into pledges (project_id, backer_id, amount, backed_before, city, country)
            values (${project}, ${backer}, ${amount}, false, '', '')`
          await raise(tx as unknown as Db['$client'], project)
        })
      }, options)
    } finally {
      await closeDb(pool)
    }
  },
})

const naive = transactions(
  { id: 'naive', name: 'insert and update, a transaction each' },
  (tx, project) => tx`update projects set pledged = pledged + ${amount},
    backers_count = backers_count + 1 where id = ${project}`,
)

const slotted = transactions(
  { id: 'slots', name: `insert and one of ${slots} slotted counters, a transaction each` },
  (tx, project) => tx`
    insert into bench_slots as s (project_id, slot, pledged, backers)
      values (${project}, ${Math.floor(Math.random() * slots)}, ${amount}, 1)
      on conflict (project_id, slot) do update
        set pledged = s.pledged + excluded.pledged, backers = s.backers + 1`,
)

/** pgbench, which only inserts: no total, no check, nothing but the row. */
const insertOnly: Load = {
  id: 'pgbench',
  name: 'pgbench, the insert alone',
  run: async (arena, { db, url, firstBacker, pgbench }, { inFlight, seconds, signal }) => {
    if (pgbench === undefined) throw new Error('pgbench is missing')
    const { projects } = arena
    const [first = 0] = projects
    await db.$client.unsafe(`alter sequence bench_backers restart with ${firstBacker}`)
    const lines = [
      `\\set hot random(1, 100) <= ${hotShare * 100 - 1}`,
      `\\set hots greatest(1, ${Math.floor(projects.length * hotProjects)})`,
      `\\set project ${first} + random(case when :hot then 0 else least(:hots, ${projects.length - 1}) end,
        case when :hot then :hots - 1 else ${projects.length - 1} end)`.replaceAll('\n', ''),
      `insert into pledges (project_id, backer_id, amount, backed_before, city, country)
        values (:project, nextval('bench_backers'), ${amount}, false, '', '');`,
    ]
    return await runPgbench({
      ...{ program: pgbench, url, seconds, signal, db },
      scripts: [{ text: `${lines.join('\n')}\n`, defines: [] }],
      connections: inFlight,
      sampling: 1,
    })
  },
}

export const loads: readonly Load[] = [ours, naive, slotted, insertOnly]

/** What the other loads need in the database. */
export const scaffold = `
  create unlogged table bench_slots (project_id bigint, slot int, pledged bigint, backers bigint,
    primary key (project_id, slot));
  alter table bench_slots set logged;
  create sequence bench_backers cache 1000`

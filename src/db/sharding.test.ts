import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { createApp } from '#app'
import { closeDb } from '#db/client'
import { type TestApp, testApp } from '#testing/app'
import { type BackedSite, backedSite } from '#testing/backing'
import { addReward } from '#testing/campaign'
import type { Member } from '#testing/cast'
import { testDatabase } from '#testing/database'
import { type Explained, type ExplainedDb, explainedDb, type Scan } from '#testing/explained'

// One day the projects may be spread over several databases, with everything inside a project
// beside it. That works as long as all of it can be told by the project it belongs to, as here.

setDefaultTimeout(120_000)

const projectOf = 'project_id'

/** Tables without a project, and where they would be. */
const outside: Record<string, string> = {
  ...fromList('a copy beside each part: what is looked up and seldom changes', [
    ...['people', 'categories', 'places', 'images', 'image_files', 'schema_migrations'],
  ]),
  ...fromList('with the people, who belong to no project', [
    ...['accounts', 'access_tokens', 'sessions', 'recovery_codes', 'mailed_tokens', 'guests'],
    ...['addresses', 'cards', 'activities', 'muted_topics', 'blocks', 'follows', 'restrictions'],
  ]),
  ...fromList('one of each for the whole site', [
    ...['audit_log', 'image_uses', 'events', 'outbox', 'rate_limits', 'reports', 'provider_events'],
    'test_gateway',
  ]),
}

function fromList(where: string, tables: string[]): Record<string, string> {
  return Object.fromEntries(tables.map((table) => [table, where]))
}

let site: TestApp
let explained: ExplainedDb
let at: BackedSite

let backer: Member
let card: number
let project: number

beforeAll(async () => {
  const database = await testDatabase()
  const opened = await testApp(database)
  explained = explainedDb(database.url)
  const deps = { ...opened.deps, db: explained.db, pledgeDb: explained.db, now: () => new Date() }
  const app = createApp(deps, { ready: true })
  const get: TestApp['get'] = async (path, init) =>
    app.fetch(new Request(opened.deps.config.baseUrl + path, init))
  site = { ...opened, get }
  at = await backedSite(site)
})
afterAll(async () => {
  await closeDb(explained.db, 1)
  expect(await at?.close()).toEqual([])
})

describe('by the catalogs', () => {
  const keys = async () => {
    const rows = await site.db.$client<{ table: string; kind: string; columns: string[] }[]>`
      select t.relname as table, case when i.indisprimary then 'primary' else 'unique' end as kind,
          array(select a.attname from unnest(i.indkey::int2[]) with ordinality k(number, place)
            join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number
            where place <= i.indnkeyatts order by place)::text[] as columns
        from pg_class t join pg_index i on i.indrelid = t.oid and i.indisunique
        where t.relnamespace = 'public'::regnamespace`
    return rows
  }
  const inside = async () => {
    const rows = await site.db.$client<{ table: string; isInside: boolean }[]>`
      select t.relname as table, a.attname is not null as "isInside"
        from pg_class t left join pg_attribute a on a.attrelid = t.oid and a.attname = 'project_id'
        where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p')`
    return rows
  }

  test('a table has its project, or its place is said', async () => {
    const without = (await inside()).filter(({ isInside }) => !isInside)
    const named = ['projects', ...Object.keys(outside)]
    expect(without.map(({ table }) => table).sort()).toEqual(named.sort())
  })

  test('a project comes first in every primary key, and is a part of every other', async () => {
    const tables = (await inside()).filter(({ isInside }) => isInside).map(({ table }) => table)
    const all = (await keys()).filter(({ table }) => tables.includes(table))
    const primary = all.filter(({ kind }) => kind === 'primary')
    expect(primary.map(({ table }) => table).sort()).toEqual(tables.sort())
    expect(primary.filter(({ columns }) => columns[0] !== projectOf)).toEqual([])
    expect(all.filter(({ columns }) => !columns.includes(projectOf))).toEqual([])
  })

  test('what points from a project to a project stays in it', async () => {
    const pointers = await site.db.$client<{ from: string; to: string; pairs: string[] }[]>`
      select f.relname as from, t.relname as to,
          array(select a.attname || '=' || b.attname from unnest(c.conkey, c.confkey) k(here, there)
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.here
            join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.there)::text[] as pairs
        from pg_constraint c
          join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
        where c.contype = 'f' and c.connamespace = 'public'::regnamespace`
    const tables = (await inside()).filter(({ isInside }) => isInside).map(({ table }) => table)
    const stays = { projects: 'project_id=id' }
    const leaves = pointers
      .filter(({ to }) => to === 'projects' || tables.includes(to))
      .filter(
        ({ to, pairs }) => !pairs.includes(to in stays ? stays.projects : 'project_id=project_id'),
      )
    expect(leaves).toEqual([])
    expect(pointers.length).toBeGreaterThan(tables.length)
    // What lies elsewhere cannot be checked against a project.
    const back = pointers.filter(({ from }) => from in outside)
    expect(back.filter(({ to }) => to === 'projects' || tables.includes(to))).toEqual([])
  })
})

describe('by what is asked', () => {
  beforeEach(async () => {
    const begun = await at.begin()
    project = begun.project
    backer = begun.backer
    card = begun.card
  })

  /** What is asked of a project's tables without saying which project, or of another one. */
  async function strays(act: () => Promise<unknown>): Promise<string[]> {
    const [before] = await site.db.$client`select pg_current_xact_id()::text as id`
    explained.take()
    await act()
    const statements = explained.take()
    const columns = await site.db.$client`
      select table_name as name from information_schema.columns
        where table_schema = 'public' and column_name = ${projectOf}`
    const tables = new Map([
      ['projects', 'id'],
      ...columns.map(({ name }) => [name, projectOf] as const),
    ])
    expect(statements.flatMap(({ scans }) => scans).some(({ table }) => tables.has(table))).toBe(
      true,
    )
    const written = await Promise.all(
      [...tables].map(async ([table, column]) => {
        const rows = await site.db.$client.unsafe(
          `select distinct ${column} as project from ${table}
            where xmin::text::bigint >= ${before?.['id']} and ${column} <> ${project}`,
        )
        return rows.map((row) => `${table} of ${row['project']} was written`)
      }),
    )
    return [...statements.flatMap((each) => straysOf(each, tables)), ...written.flat()]
  }

  const straysOf = ({ query, parameters, scans }: Explained, tables: Map<string, string>) =>
    scans
      .filter(({ table }) => tables.has(table))
      .filter((scan) => !isBound(scan, tables.get(scan.table) ?? '', parameters))
      .map(
        ({ table, conditions }) =>
          `${table} by ${conditions.join(' and ')}: ${query.slice(0, 300)}`,
      )

  /** By a value that is this project, or by what something else is joined by. */
  function isBound({ alias, conditions }: Scan, column: string, parameters: string): boolean {
    // The place of a row is known from the same statement, which has found it by its project.
    if (conditions.some((condition) => condition.includes('ctid = '))) return true
    const named = `(?:${alias}\\.)?\\b${column}`
    const asked = new RegExp(
      `\\(${named} = (?:ANY \\()?([^)\\s]+)|= (${alias}\\.${column})\\)`,
      'g',
    )
    return conditions.some((condition) =>
      [...condition.matchAll(asked)].some(([, value = '']) => {
        const [, given = value] = /^\$\d+$/.test(value)
          ? (new RegExp(`\\${value} = ('[^']*')`).exec(parameters) ?? [])
          : []
        const [constant] = /^'[^']*'/.exec(given) ?? []
        return (constant?.match(/\d+/g) ?? []).every((each) => Number(each) === project)
      }),
    )
  }

  test('what asks without a project is found out', async () => {
    const ask = explained.db.$client
    expect(
      await strays(() => ask`select from pledges where backer_id = ${backer.id}`),
    ).toHaveLength(1)
    expect(
      await strays(() => ask`select from comments where project_id = ${project + 1}`),
    ).toHaveLength(1)
    expect(
      await strays(() => ask`select from projects order by pledged desc limit 3`),
    ).toHaveLength(1)
    expect(await strays(() => ask`select from pledges where project_id = ${project}`)).toEqual([])
    const other = () =>
      ask`update projects set city = city where id in (${project + 1}, ${project})`
    expect((await strays(other)).length).toBeGreaterThan(0)
  })

  test('a page of a project', async () => {
    const { path } = await projectPage()
    expect(await strays(() => site.get(path))).toEqual([])
    expect(await strays(() => backer.get(path))).toEqual([])
    expect(await strays(() => backer.get(`${path}/rewards`))).toEqual([])
    expect(await strays(() => backer.get(`${path}/comments`))).toEqual([])
  })

  test('a pledge', async () => {
    const reward = await addReward(at.sql, project, { quantity: 3 }, { France: 700 })
    const choice = { reward: String(reward), country: 'France', bonus: '1' }
    const wrong = await strays(async () => {
      expect((await at.pledge(backer, project, choice, card)).status).toBe(303)
    })
    expect(wrong).toEqual([])
    expect(await at.pledgedOf(project)).toEqual([2_800, 1])
  })

  test('a comment', async () => {
    expect((await at.pledge(backer, project, { reward: 'none', bonus: '9' }, card)).status).toBe(
      303,
    )
    const { path } = await projectPage()
    const wrong = await strays(async () => {
      expect((await backer.post(`${path}/comments`, { body: 'It glows' })).status).toBe(303)
    })
    expect(wrong).toEqual([])
  })

  const projectPage = async () => {
    const moved = await backer.get(`/projects/${project}`)
    return { path: moved.headers.get('location') ?? '' }
  }
})

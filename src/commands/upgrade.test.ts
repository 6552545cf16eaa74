import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBackers, makeProjects, type Project } from '#bench/faults/arena'
import { attempt, type Backer, type Site } from '#bench/faults/backer'
import { newOperation } from '#bench/faults/history'
import { type OwnProxy, startHaproxy } from '#bench/load/proxies'
import { freePorts } from '#bench/load/servers'
import { type Clients, startClients } from '#bench/restarts/client'
import { type Migration, migrations } from '#db/migrations'
import { type TestDatabase, testDatabase } from '#testing/database'
import { judgeMigration } from '#testing/migration-rules'
import { makeNextProgram } from '#testing/next-program'
import { installPackages } from '#testing/packages'
import { checkoutCommand, type Running, run, start } from '#testing/program'
import { eventually } from '#testing/start-tiny-server'
import { paths } from '#web/paths'

/** This program and the next on one database, behind one proxy, while people read and pledge. */

setDefaultTimeout(180_000)

const last = Number(migrations.at(-1)?.tag.slice(0, 4))
const tagged = (offset: number, name: string, sql: string): Migration => ({
  tag: `${String(last + offset).padStart(4, '0')}_${name}`,
  sql,
})

// Two columns get another name. Of pledges: the new one is added, the function that writes pledges
// writes that alone, a trigger keeps the old one filled for as long as somebody reads it. Of
// rewards, which project pages read: both are filled from whichever was written.
const next = [
  tagged(
    1,
    'had_backed',
    `ALTER TABLE "pledges" ADD COLUMN "had_backed" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
create function same_backed() returns trigger language plpgsql as $$ begin
  if tg_op = 'INSERT' then new.backed_before := new.had_backed; end if;
  return new;
end $$;
create trigger same_backed before insert on pledges for each row execute function same_backed();
--> statement-breakpoint
do $$ declare written text; begin
  for written in select pg_get_functiondef(oid) from pg_proc
    where pronamespace = 'public'::regnamespace and prosrc ~ 'insert into pledges \\(.*backed_before'
  loop execute replace(written, 'backed_before', 'had_backed'); end loop;
end $$;
--> statement-breakpoint
update pledges set had_backed = true where backed_before;`,
  ),
  tagged(
    2,
    'ships_in',
    `ALTER TABLE "rewards" ADD COLUMN "ships_in" date;
--> statement-breakpoint
create function same_month() returns trigger language plpgsql as $$ begin
  if new.delivery_month is null
    or tg_op = 'UPDATE' and new.delivery_month = old.delivery_month
  then new.delivery_month := new.ships_in;
  else new.ships_in := new.delivery_month;
  end if;
  return new;
end $$;
create trigger same_month before insert or update on rewards
  for each row execute function same_month();
--> statement-breakpoint
update rewards set ships_in = delivery_month;`,
  ),
  tagged(
    3,
    'index',
    `CREATE INDEX CONCURRENTLY "pledges_new" ON "pledges" ("project_id","id") WHERE not had_backed;
comment on index pledges_new is 'community: backers who are new';`,
  ),
  tagged(
    4,
    'old_names.post',
    `drop trigger same_backed on pledges;
drop trigger same_month on rewards;
drop function same_backed(), same_month();
ALTER TABLE "pledges" DROP COLUMN "backed_before";
ALTER TABLE "rewards" DROP COLUMN "delivery_month";
ALTER TABLE "rewards" ALTER COLUMN "ships_in" SET NOT NULL;`,
  ),
] as const
const words = [
  ['backedBefore: boolean()', "backedBefore: boolean('had_backed')"],
  ['backed_before', 'had_backed'],
  ['deliveryMonth: date({', "deliveryMonth: date('ships_in', {"],
  ['r.delivery_month', 'r.ships_in'],
] as const
const tags = next.map(({ tag }) => tag)
const before = tags.slice(0, -1)
const removed = tags.at(-1) ?? ''

let scratch: string
let database: TestDatabase
let newer: string[]
let projects: Project[]
let backers: Backer[]
const running: Running[] = []
const [oldPort = 0, newPort = 0, sitePort = 0] = freePorts(3)
let proxy: OwnProxy | undefined
const aborting = new AbortController()
const { signal } = aborting

beforeAll(async () => {
  await installPackages({ haproxy: 'haproxy' })
  scratch = await mkdtemp(join(tmpdir(), 'jumpstarter-next-'))
  newer = await makeNextProgram(join(scratch, 'next'), next, words)
  database = await testDatabase()
  projects = await makeProjects(database.db, 5, 30)
  backers = await makeBackers(database.db, 2_000)
})
afterAll(async () => {
  aborting.abort()
  for (const each of running) await each.stop()
  await proxy?.stop()
  await database?.close()
  await rm(scratch, { recursive: true, force: true })
}, 60_000)

const environment = () => ({
  ...{ DATABASE_URL: database.url, BASE_URL: 'http://localhost', JUMPSTARTER_WORKERS: '1' },
  ...{ JUMPSTARTER_DRAIN_SECONDS: '5', LOG_LEVEL: 'warn' },
})
const on = (program: string[], ...words: string[]) =>
  run([...program, ...words], { env: environment() })

async function serve(program: string[], port: number): Promise<Running> {
  const words = ['serve', '--listen', `tcp:127.0.0.1:${port}`]
  const server = await start([...program, ...words], { env: environment() })
  running.push(server)
  return server
}

const statusOf = async (port: number, path: string) =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).status

/** Backers who pledge one after the other, each once to each project. */
function startPledging(site: Site) {
  let isOver = false
  let placed = 0
  const refused: string[] = []
  const wishes = backers.flatMap((backer) => projects.map((project) => ({ backer, project })))
  const ended = Promise.all(
    Array.from({ length: 2 }, async () => {
      while (!isOver && refused.length === 0) {
        const { backer, project } = wishes.pop() as (typeof wishes)[number]
        const operation = newOperation({
          ...{
            projectId: project.id,
            backerId: backer.id,
            verb: 'place',
            key: crypto.randomUUID(),
          },
          wish: { reward: null, bonus: 500, total: 500 },
        })
        // HAProxy may send it on a connection that a server just closes, and sends no form again:
        // its key is for whoever asks.
        const answer =
          (await attempt(operation, backer, site)) ?? (await attempt(operation, backer, site))
        if (answer?.status === 201) placed++
        else refused.push(`${answer?.status} ${answer?.body}`)
      }
    }),
  )
  return {
    placed: () => placed,
    refused,
    stop: async () => {
      isOver = true
      await ended
    },
  }
}

type Pledging = ReturnType<typeof startPledging>

/** Until so much more has been asked and answered. */
async function goOn(reading: Clients, pledging: Pledging): Promise<void> {
  const [requests, pledges] = [reading.requests() + 150, pledging.placed() + 15]
  while (reading.requests() < requests || pledging.placed() < pledges) {
    expect(pledging.refused).toEqual([])
    await Bun.sleep(20)
  }
}

test('migrations of both kinds are such as may run beside a program', () => {
  expect(next.flatMap(judgeMigration)).toEqual([])
})

test('replaced under its feet, a server keeps its workers until the schema is ready', async () => {
  const place = join(scratch, 'installed')
  const installed = await makeNextProgram(place, [], [])
  const server = await serve(installed, oldPort)
  await rename(place, join(scratch, 'removed'))
  await makeNextProgram(place, next, words)
  process.kill(server.pid, 'SIGUSR2')
  await eventually(() => expect(server.output()).toContain('older than this program'), 60_000)
  expect(await statusOf(oldPort, '/readyz')).toBe(200)
  expect(await server.stop()).toBe(0)
})

test('two versions serve side by side from one database, and no request fails of the upgrade', async () => {
  const old = await serve(checkoutCommand, oldPort)
  const tooEarly = await on(newer, 'serve', '--listen', `tcp:127.0.0.1:${newPort}`)
  expect(tooEarly).toMatchObject({ exitCode: 1 })
  expect(tooEarly.stderr).toContain(
    `older than this program (3 to apply, from ${before[0]}). Run \`jumpstarter migrate --pre\``,
  )
  expect((await on(newer, 'migrate', '--status')).stdout).toEndWith(`\
${before.map((tag) => `pending  ${tag} (pre: jumpstarter migrate --pre)`).join('\n')}
pending  ${removed} (post: jumpstarter migrate --post, when no older program runs)
`)
  expect((await on(newer, 'migrate', '--post')).stderr).toContain(`${before[0]} comes first: run`)
  expect((await on(newer, 'migrate', '--pre', '--dry-run')).stdout).not.toContain('DROP COLUMN')

  const upstreams = [oldPort, newPort].map((port) => ({ ...tcp, port }))
  const site = { ...tcp, port: sitePort }
  proxy = await startHaproxy([{ name: 'app', upstreams, listen: site }], { signal })
  const asked = projects.flatMap(({ id }) => {
    const project = { id, title: 'A lamp' }
    return [
      paths.project(project),
      paths.projectTab(project, 'community'),
      paths.apiProject(project),
    ]
  })
  let drawn = 0
  const drawPath = () => asked[drawn++ % asked.length] as string
  const reading = startClients({ targets: [site], clients: 4, drawPath, signal })
  const pledging = startPledging({
    ...{ address: { host: '127.0.0.1', port: sitePort }, answers: new Map(), signal },
    patienceMs: () => undefined,
  })
  await goOn(reading, pledging)

  const eight = await Promise.all(Array.from({ length: 8 }, () => on(newer, 'migrate', '--pre')))
  expect(eight.map(({ exitCode }) => exitCode)).toEqual(Array(8).fill(0))
  const told = eight.flatMap(({ stdout }) => stdout.match(/^applied {2}.*$/gm) ?? [])
  expect(told.toSorted()).toEqual(before.map((tag) => `applied  ${tag}`))
  expect(await statusOf(oldPort, '/readyz')).toBe(200)
  await goOn(reading, pledging)

  await serve(newer, newPort)
  for (const port of [oldPort, newPort]) {
    for (const path of [...asked, '/', '/discover', '/readyz'])
      expect(await statusOf(port, path)).toBe(200)
  }
  await goOn(reading, pledging)

  // It waits for the end of the older one.
  const posting = Bun.spawn([...newer, 'migrate', '--post'], {
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ...environment() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { value } = await posting.stderr.getReader().read()
  expect(new TextDecoder().decode(value)).toBe(
    `A worker of an older program may need what ${removed} takes away: waiting for the end.\n`,
  )
  await goOn(reading, pledging)
  expect(posting.exitCode).toBeNull()
  expect(await old.stop()).toBe(0)
  expect(await posting.exited).toBe(0)
  expect(await new Response(posting.stdout).text()).toBe(`applied  ${removed}\n`)
  await goOn(reading, pledging)
  await Promise.all([reading.stop(), pledging.stop()])

  const none = { refused: 0, unanswered: 0, cut: 0, status: 0, late: 0 }
  expect(reading.take()).toMatchObject({ failedKept: none, failedAnew: none })
  for (const each of running) expect(each.output()).not.toContain('Failed query')
  const [row] = await database.db.$client`
    select count(*)::int as pledges, count(*) filter (where had_backed)::int as returning
    from pledges where project_id = any(${projects.map(({ id }) => id)})`
  expect(row?.['pledges']).toBe(pledging.placed())
  expect(row?.['returning']).toBeGreaterThan(0)
  expect(await statusOf(newPort, '/readyz')).toBe(200)
  expect(await on(newer, 'verify')).toMatchObject({ exitCode: 0 })
  expect(await on(newer, 'migrate', '--status')).toMatchObject({ exitCode: 0 })
})

test('after --post the older program does not start any more', async () => {
  const late = await on(checkoutCommand, 'serve', '--listen', `tcp:127.0.0.1:${oldPort}`)
  expect(late).toMatchObject({ exitCode: 1 })
  expect(late.stderr).toContain(`schema is newer than this program: it has ${removed}.`)
  expect(await on(checkoutCommand, 'migrate')).toMatchObject({ exitCode: 1 })
})

const tcp = { kind: 'tcp', host: '127.0.0.1' } as const

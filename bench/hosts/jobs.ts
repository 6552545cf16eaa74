import type { Db } from '#db/client'
import { passTime } from '#features/settlement/writes/clock'
import { makeBackers, makeProjects } from '../faults/arena'
import type { Backer } from '../faults/backer'
import type { AppHost } from './apps'
import { pledge } from './invalidation'
import type { MailSink } from './mail-sink'
import { comesTrue, type Promised, type Trial } from './promised'

const projectsPerEffort = 3
const backersEach = 8
const runningSeconds = 30 * 24 * 3600
const deadlineSeconds = 60

/**
 * Projects end while all hosts run the same jobs: each pledge is charged once, and everybody who is
 * told of it gets one mail.
 */
export async function proveJobs(
  { rig, hosts, effort, signal }: Trial,
  sink: MailSink,
): Promise<Promised> {
  const sql = rig.db.$client
  const count = projectsPerEffort * effort
  const projects = await makeProjects(rig.db, count, 1)
  const ids = projects.map(({ id }) => id)
  await sql`update projects set goal = 1000 where id = any(${ids})`
  const backers = await makeBackers(rig.db, count * backersEach)
  const violations: string[] = []
  for (const [index, backer] of backers.entries()) {
    const project = projects[index % count] as (typeof projects)[number]
    const host = hosts[index % hosts.length] as AppHost
    const wanted = { project: project.id, reward: project.plenty, backer: backer as Backer }
    const problem = await pledge(host, wanted)
    if (problem) violations.push(problem)
  }
  await Promise.all(ids.map((id) => passTime(rig.db, id, runningSeconds)))
  const isDone = await comesTrue(deadlineSeconds, signal, async () => {
    const [row] = await sql<{ open: number; unsent: number }[]>`
      select (select count(*) from pledges
          where project_id = any(${ids}) and status <> 'collected')::int as open,
        (select count(*) from outbox where sent_at is null)::int as unsent`
    return row?.open === 0 && row.unsent === 0
  })
  if (!isDone) violations.push(`not settled and told within ${deadlineSeconds} s`)
  const charged = await sql<{ pledge: number; times: number }[]>`
    select pledge_id::float8 as pledge, count(*)::int as times from charges
      where project_id = any(${ids}) and status = 'succeeded' group by pledge_id`
  violations.push(
    ...charged
      .filter(({ times }) => times !== 1)
      .map(({ pledge, times }) => `pledge ${pledge} was charged ${times} times`),
    ...(charged.length === backers.length ? [] : [`${charged.length} pledges were charged`]),
    ...(await mailProblems(rig.db, sink)),
  )
  return {
    id: 'jobs',
    title: 'What nobody asks for is done once: pledges are charged, mails sent, by whichever host',
    ...{ tried: backers.length + sink.numbers.size, violations },
  }
}

/** Each mail that was written has come once. */
async function mailProblems(db: Db, { numbers, taken }: MailSink): Promise<string[]> {
  const rows = await db.$client<{ id: number }[]>`
    select id::float8 as id from outbox where sent_at is not null`
  const lost = rows.filter(({ id }) => !numbers.has(String(id)))
  return [
    ...(taken() === 0 ? ['no mail came'] : []),
    ...[...numbers].filter(([, times]) => times > 1).map(([id]) => `mail ${id} came twice`),
    ...lost.map(({ id }) => `mail ${id} never came`),
  ]
}

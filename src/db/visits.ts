import { describeError } from '#lib/errors'
import { fromElsewhere, fromHere, isBrowser, sourceOf } from '#lib/visit'
import { within } from '#lib/within'
import type { Log } from '#observability/log'
import type { Db } from './client'

/** How long a visit may wait in memory to be written with others. */
const flushMs = 5_000
const closeMs = 2_000
/** Pairs of a project and a source that wait; from there on all sources are `other`. */
export const waitingMax = 10_000
/** Of one project and day, by their own names. */
export const sourcesMax = 50

interface Visit {
  projectId: number
  source: string
  /** 0 is anybody who is not signed in. */
  personId: number
  visits: number
}

/** Visits of campaign pages, counted in memory and written together every few seconds. */
export interface Visits {
  /** One answer of a campaign's page; those for programs and those in advance do not count. */
  count(projectId: number, headers: Headers, personId?: number): void
  /** Writes what waits. What could not be written waits on; never throws. */
  flush(): Promise<void>
  /** The last flush. */
  close(): Promise<void>
}

/** `ownHost` is the host of the site: whoever comes from there comes from `here`. */
export function countVisits(db: Db, ownHost: string, log: Log): Visits {
  // Few different ones are sent, so each is read once.
  const browsers = remembered(isBrowser)
  const sources = remembered((referer) => sourceOf(referer, ownHost))
  let waiting = new Map<number, Map<string, Visit>>()
  let size = 0
  let timer: Timer | undefined
  let flushing: Promise<void> | undefined

  function add(projectId: number, personId: number, source: string, visits: number): void {
    const ofProject = waiting.get(projectId) ?? new Map<string, Visit>()
    const key = personId === 0 ? source : `${source} ${personId}`
    const known = ofProject.get(key)
    if (known) {
      known.visits += visits
      return
    }
    if (size >= waitingMax && source !== fromElsewhere) {
      add(projectId, personId, fromElsewhere, visits)
      return
    }
    // Nothing has been written for a long time: these are lost.
    if (size >= 2 * waitingMax) return
    ofProject.set(key, { projectId, source, personId, visits })
    waiting.set(projectId, ofProject)
    size += 1
    timer ??= setTimeout(flush, flushMs).unref()
  }

  const flush = (): Promise<void> => {
    flushing ??= write().finally(() => {
      flushing = undefined
    })
    return flushing
  }

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batch = [...waiting.values()].flatMap((ofProject) => [...ofProject.values()])
    if (batch.length === 0) return
    waiting = new Map()
    size = 0
    try {
      await addVisits(db, batch)
    } catch (error) {
      for (const { projectId, personId, source, visits } of batch) {
        add(projectId, personId, source, visits)
      }
      log.warn('visits could not be written; they wait', { error: describeError(error) })
    }
  }

  return {
    count(projectId, headers, personId = 0) {
      if (!browsers(headers.get('user-agent') ?? '')) return
      // Of a page that a browser fetches in advance nobody knows whether it will be seen.
      if (headers.has('sec-purpose')) return
      add(projectId, personId, sources(headers.get('referer') ?? ''), 1)
    },
    flush,
    async close() {
      await flushing
      await within(flush(), closeMs)
      clearTimeout(timer)
    },
  }
}

const textsMax = 1_000
const charactersMax = 500

/** The same function, which answers from memory what it was asked before. */
function remembered<Value>(find: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const value = find(text)
    if (text.length > charactersMax) return value
    if (known.size >= textsMax) known.clear()
    known.set(text, value)
    return value
  }
}

const visitsMax = 2_147_483_647

/**
 * One statement: leaves out those who make the project, and what is one source too many of a
 * project's day is `other`. In the order of the key, so that two never wait for each other.
 */
async function addVisits(db: Db, batch: readonly Visit[]): Promise<void> {
  await db.$client`
    with given as (
      select g.project_id, g.source, sum(g.visits) as visits,
        (now() at time zone 'UTC')::date as day
      from unnest(
        ${batch.map(({ projectId }) => projectId)}::bigint[],
        ${batch.map(({ source }) => source)}::text[],
        ${batch.map(({ personId }) => personId)}::bigint[],
        ${batch.map(({ visits }) => visits)}::bigint[]
      ) as g (project_id, source, person_id, visits)
      join projects p on p.id = g.project_id and p.creator_id <> g.person_id
      where not exists (
        select from collaborators c
        where c.project_id = g.project_id and c.person_id = g.person_id
          and c.accepted_at is not null)
      group by g.project_id, g.source
    ), placed as (
      select given.*,
        v.source is not null or given.source in ('', ${fromHere}, ${fromElsewhere}) as is_named,
        row_number() over (
          partition by given.project_id, v.source is null order by given.visits desc, given.source
        ) + (
          select count(*) from project_visits k
          where k.project_id = given.project_id and k.day = given.day
        ) as place
      from given
      left join project_visits v
        on v.project_id = given.project_id and v.day = given.day and v.source = given.source
    )
    insert into project_visits as known (project_id, day, source, visits)
    select project_id, day,
      case when is_named or place <= ${sourcesMax} then source else ${fromElsewhere} end as named,
      least(sum(visits), ${visitsMax}::bigint)
    from placed
    group by project_id, day, named
    order by project_id, day, named
    on conflict (project_id, day, source) do update
      set visits = least(known.visits + excluded.visits::bigint, ${visitsMax}::bigint)`
}

import type { Db } from '#db/client'

export interface Watch {
  /** How often it has looked, and what it has seen that must never be. */
  looks(): number
  seen: string[]
  stop(): Promise<void>
}

const everyMs = 250

/** Looks again and again whether totals, stock and books agree; Postgres may be away. */
export function watchMoney(db: Db, projects: readonly number[]): Watch {
  const seen: string[] = []
  let looks = 0
  let running = true
  const watching = (async () => {
    while (running) {
      const wrong = await look(db, projects).catch(() => undefined)
      if (wrong) looks++
      seen.push(...(wrong ?? []))
      await Bun.sleep(everyMs)
    }
  })()
  return {
    looks: () => looks,
    seen,
    stop: async () => {
      running = false
      await watching
    },
  }
}

/** In one statement, which sees one moment. */
async function look(db: Db, projects: readonly number[]): Promise<string[]> {
  const rows = await db.$client<{ wrong: string }[]>`
    with own as (select * from projects where id = any(${projects as number[]})), sums as (
      select project_id, sum(amount) as amount, count(*) as backers from pledges
        where project_id = any(${projects as number[]}) and status = 'pledged' group by project_id
    )
    select 'project ' || own.id || ': ' || pledged || ' shown, ' || coalesce(amount, 0) || ' pledged'
        as wrong
      from own left join sums on project_id = own.id
      where pledged <> coalesce(amount, 0) or backers_count <> coalesce(backers, 0)
    union all
    select 'project ' || own.id || ': ' || credits - debits || ' promised, ' || pledged || ' shown'
      from own join ledger_balances b on b.project_id = own.id and b.account = 'promised'
      where credits - debits <> pledged
    union all
    select 'reward ' || r.id || ': ' || r.backers_count || ' of ' || quantity
      from rewards r join own on own.id = r.project_id where r.backers_count > quantity`
  return rows.map(({ wrong }) => wrong)
}

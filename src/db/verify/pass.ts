/** A look at some tables that settles several checks, so that each child is aggregated once. */
export interface Pass {
  /** What is being looked at, for whoever waits. */
  what: string
  checks: readonly string[]
  /**
   * Whose ids cut the work in ranges, `$1 <= id < $2`, each with everything that hangs on them;
   * undefined takes the whole at once.
   */
  over?: 'projects' | 'people'
  /** What it reads, for the size of a range and the share done. */
  reads: readonly string[]
  /** What a row costs, in hundreds of nanoseconds: the time left would jump without it. */
  rowCost: number
  /** Selects name, place, part, subject, stored and counted of all that disagree. */
  sql: string
}

export interface Counter {
  check: string
  subject: string
  /** SQL expressions that have to be equal. */
  stored: string
  counted: string
}

/** Selects those of `counters` that disagree in the rows of `from`; in order of `key`. */
export function disagreeing(
  from: string,
  key: readonly [string, string],
  counters: Counter[],
): string {
  const row = (column: 'stored' | 'counted') => counters.map((one) => one[column]).join(', ')
  const values = counters.map(
    ({ check, subject, stored, counted }) =>
      `('${check}', ${subject}, (${stored})::text, (${counted})::text)`,
  )
  // The first condition keeps the rows that agree, nearly all, from being taken apart.
  return `select v.name, ${key[0]}::bigint as place, ${key[1]}::bigint as part, v.subject,
      v.stored, v.counted
    from ${from}
    cross join lateral (values ${values.join(',\n')}) v (name, subject, stored, counted)
    where row(${row('stored')}) is distinct from row(${row('counted')})
      and v.stored is distinct from v.counted`
}

/** The rows of a range. */
export const within = (column: string) => `${column} >= $1 and ${column} < $2`
export const slice = (table: string, id: string) => `(select * from ${table} where ${within(id)})`
export const ofProject = "'project ' || p.id"

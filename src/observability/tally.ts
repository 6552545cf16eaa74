import { type FamilyName, type Figures, families, type Report } from './families'

/** The figures of all workers as one, those that have ended included. */
export interface Tally {
  /** The latest figures of a process, which begin at nothing with it. */
  take(process: object, report: Report): void
  /** Its counts stay; what it only had at the moment goes with it. */
  end(process: object): void
  total(): Report
}

export function createTally(): Tally {
  const latest = new Map<object, Report>()
  const ended = new Map<string, Figures>()
  return {
    take: (process, report) => latest.set(process, report),
    end: (process) => {
      const last = latest.get(process) ?? []
      latest.delete(process)
      add(ended, last.filter(isCount))
    },
    total: () => {
      const sums = new Map<string, Figures>()
      add(sums, [...ended.values()])
      for (const report of latest.values()) add(sums, report)
      return [...sums.values()]
    },
  }
}

const isCount = ([family]: Figures) => /^(counter|histogram)$/.test(families[family]?.type ?? '')

/** A worker may be newer than its supervisor, and tell of what that does not know. */
const isKnown = (family: FamilyName, values: readonly number[]) => {
  const known = families[family]
  return known !== undefined && values.length === (known.bounds ? known.bounds.length + 2 : 1)
}

function add(sums: Map<string, Figures>, report: Report): void {
  for (const [family, labels, values] of report) {
    if (!isKnown(family, values)) continue
    const key = `${family}\n${labels.join('\n')}`
    const known = sums.get(key)?.[2]
    if (!known) sums.set(key, [family, labels, [...values]])
    else for (const [place, value] of values.entries()) known[place] = (known[place] ?? 0) + value
  }
}

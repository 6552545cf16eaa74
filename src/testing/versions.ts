/** Written into a project where its pages show it, and found again in whatever was read. */
export const markOf = (project: number, version: number) => `[${project}:${version}]`
const marks = /\[(\d+):(\d+)\]/g

/** One look at the site. Times are those of `performance.now()`. */
interface Read {
  text: string
  begunAt: number
  endedAt: number
  /** How long ago a version must have been known to be seen, in milliseconds. */
  freshMs: number
}

/** What is known of the versions of some projects: who was to see which. */
export interface Versions {
  /** The next of a project. Whoever asks for it holds the project's row. */
  next(project: number): number
  latest(project: number): number
  /** The transaction that wrote it has returned. */
  committed(project: number, version: number): void
  /** Nobody may ever see it. */
  takenBack(project: number, version: number): void
  /** What is wrong with a read, in words. */
  judge(read: Read): string[]
}

export function createVersions(): Versions {
  const latest = new Map<number, number>()
  /** Since when it is known to have been committed: by its writer, or by the first who saw it. */
  const knownAt = new Map<number, Map<number, number>>()
  const undone = new Set<string>()

  const learn = (project: number, version: number, at: number) => {
    const known = knownAt.get(project) ?? new Map<number, number>()
    knownAt.set(project, known)
    known.set(version, Math.min(at, known.get(version) ?? at))
  }
  const judgeOne = (project: number, version: number, { begunAt, freshMs }: Read): string[] => {
    const mark = markOf(project, version)
    if (undone.has(mark)) return [`${mark} was rolled back`]
    if (version > (latest.get(project) ?? 0)) return [`${mark} has never been written`]
    const missed = [...(knownAt.get(project) ?? [])].findLast(
      ([later, at]) => later > version && at < begunAt - freshMs,
    )
    if (!missed) return []
    const age = Math.round(begunAt - missed[1])
    return [`${mark} although version ${missed[0]} had been known for ${age} ms`]
  }
  return {
    latest: (project) => latest.get(project) ?? 0,
    next(project) {
      const version = (latest.get(project) ?? 0) + 1
      latest.set(project, version)
      return version
    },
    committed: (project, version) => learn(project, version, performance.now()),
    takenBack: (project, version) => undone.add(markOf(project, version)),
    judge(read) {
      const seen = new Map([...read.text.matchAll(marks)].map((match) => [match[0], match]))
      return [...seen.values()].flatMap(([, ...numbers]) => {
        const [project = 0, version = 0] = numbers.map(Number)
        const wrong = judgeOne(project, version, read)
        if (wrong.length === 0) learn(project, version, read.endedAt)
        return wrong
      })
    },
  }
}

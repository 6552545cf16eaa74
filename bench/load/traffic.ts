import { join } from 'node:path'
import type { Db } from '#db/client'
import { listedStatuses } from '#features/projects/rules'
import { CommandError } from '#lib/errors'
import { paths } from '#web/paths'

/** A project that can be asked for. */
export interface Page {
  id: number
  title: string
  /** The canonical one, which answers without a redirect. */
  path: string
}

/** The traffic of 2018: four of five requests go to the newest tenth of the ids. */
export interface Traffic {
  newest: Page[]
  others: Page[]
}

export const newestPercent = 80
const newestShare = 0.1
// Some ids are drafts, which have no page.
const drawnPerWanted = 1.5

/**
 * Draws `pages` different projects, four of five of them from the newest tenth of the ids, fewer
 * where there are fewer. Throws a CommandError when there is none.
 */
export async function sampleTraffic(db: Db, pages: number): Promise<Traffic> {
  const [range] = await db.$client<{ first: string | null; last: string | null }[]>`
    select min(id) as first, max(id) as last from projects`
  const first = Number(range?.first ?? 0)
  const last = Number(range?.last ?? 0)
  const border = last - Math.max(1, Math.round((last - first + 1) * newestShare))
  const wanted = Math.round((pages * newestPercent) / 100)
  const newest = await sample(db, border + 1, last, wanted)
  const others = await sample(db, first, border, pages - newest.length)
  if (newest.length + others.length > 0) return { newest, others }
  throw new CommandError('There are no projects to ask for: run jumpstarter seed first.')
}

async function sample(db: Db, first: number, last: number, wanted: number): Promise<Page[]> {
  const ids = drawIds(first, last, Math.ceil(wanted * drawnPerWanted))
  const rows = await db.$client<{ id: string; title: string }[]>`
    select id, title from projects
    where id = any(${ids}) and status = any(${[...listedStatuses]})`
  return shuffled(rows.map(({ id, title }) => ({ id: Number(id), title })))
    .slice(0, wanted)
    .map((page) => ({ ...page, path: paths.project(page) }))
}

/** So many different numbers from `first` to `last`; all of them where there are not many more. */
function drawIds(first: number, last: number, wanted: number): number[] {
  const span = last - first + 1
  if (span <= wanted * 2) {
    return shuffled(Array.from({ length: Math.max(0, span) }, (_, index) => first + index))
  }
  const drawn = new Set<number>()
  while (drawn.size < wanted) drawn.add(first + Math.floor(Math.random() * span))
  return [...drawn]
}

function shuffled<Value>(values: Value[]): Value[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value)
}

/** One page alone, asked again and again. */
export const onePage = (page: Page): Traffic => ({ newest: [page], others: [] })

/** The same pages, each as likely as any other. */
export const evenly = ({ newest, others }: Traffic): Traffic => ({
  newest: [...newest, ...others],
  others: [],
})

/** The same projects at other addresses. */
export function withPaths({ newest, others }: Traffic, pathOf: (page: Page) => string): Traffic {
  const rewritten = (page: Page) => ({ ...page, path: pathOf(page) })
  return { newest: newest.map(rewritten), others: others.map(rewritten) }
}

export const pageCount = ({ newest, others }: Traffic) => newest.length + others.length

/** One of the pages, drawn as the traffic is. */
export function drawPage({ newest, others }: Traffic): Page {
  const hot = others.length === 0 || Math.random() * 100 < newestPercent
  const from = hot && newest.length > 0 ? newest : others
  return from[Math.floor(Math.random() * from.length)] as Page
}

/** Writes the paths for wrk's script: a line each, `n` before the newest and `o` before others. */
export async function writePaths(directory: string, { newest, others }: Traffic): Promise<string> {
  const file = join(directory, 'paths.txt')
  const lines = [...newest.map(({ path }) => `n ${path}`), ...others.map(({ path }) => `o ${path}`)]
  await Bun.write(file, `${lines.join('\n')}\n`)
  return file
}

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

/** Ids at even distances: `first + step * k` for k from 0 to `count - 1`. */
export interface Stride {
  first: number
  step: number
  count: number
}

/** The traffic of 2018: four of five requests go to the newest tenth of the ids. */
export interface Traffic {
  newest: Page[]
  others: Page[]
  /** The ids of both groups with the drafts among them, which have no page. */
  strides: { newest: Stride; others: Stride }
}

export const newestPercent = 80
const newestShare = 0.1
// Some ids are drafts.
const idsPerWanted = 1.5

/**
 * Takes `pages` different projects at even distances, four of five of them from the newest tenth of
 * the ids, fewer where there are fewer. Throws a CommandError when there is none.
 */
export async function sampleTraffic(db: Db, pages: number): Promise<Traffic> {
  const [range] = await db.$client<{ first: string | null; last: string | null }[]>`
    select min(id) as first, max(id) as last from projects`
  const first = Number(range?.first ?? 0)
  const last = Number(range?.last ?? 0)
  const border = last - Math.max(1, Math.round((last - first + 1) * newestShare))
  const wanted = Math.round((pages * newestPercent) / 100)
  const newest = await sample(db, border + 1, last, wanted)
  const others = await sample(db, first, border, pages - newest.pages.length)
  if (newest.pages.length + others.pages.length > 0) {
    return {
      ...{ newest: newest.pages, others: others.pages },
      strides: { newest: newest.stride, others: others.stride },
    }
  }
  throw new CommandError('There are no projects to ask for: run jumpstarter seed first.')
}

/** Downwards from `last`, so that the newest of a group are always among them. */
async function sample(db: Db, first: number, last: number, wanted: number) {
  const step = Math.max(1, Math.floor((last - first + 1) / (wanted * idsPerWanted)))
  const ids: number[] = []
  for (let id = last; id >= first && wanted > 0; id -= step) ids.push(id)
  const rows = await db.$client<{ id: string; title: string }[]>`
    select id, title from projects
    where id = any(${ids}) and status = any(${[...listedStatuses]})
    order by id desc limit ${wanted}`
  const pages = rows
    .map(({ id, title }) => ({ id: Number(id), title }))
    .map((page) => ({ ...page, path: paths.project(page) }))
  const lowest = pages.at(-1)?.id ?? last
  const count = pages.length === 0 ? 0 : (last - lowest) / step + 1
  return { pages, stride: { first: lowest, step, count } }
}

/** Every id of the stride. */
export const idsOf = ({ first, step, count }: Stride): number[] =>
  Array.from({ length: count }, (_, index) => first + step * index)

/** The `\set` lines of a pgbench script that draw `id` as the traffic is drawn, drafts included. */
export function drawnByPgbench({ strides: { newest, others } }: Traffic): string[] {
  const draw = ({ first, step, count }: Stride) => `${first} + ${step} * random(0, ${count - 1})`
  if (newest.count === 0 || others.count === 0) {
    return [`\\set id ${draw(newest.count === 0 ? others : newest)}`]
  }
  return [
    '\\set percent random(1, 100)',
    `\\set id case when :percent <= ${newestPercent} then ${draw(newest)} else ${draw(others)} end`,
  ]
}

/** One page alone, asked again and again. */
export const onePage = (page: Page): Traffic => ({
  newest: [page],
  others: [],
  strides: {
    newest: { first: page.id, step: 1, count: 1 },
    others: { first: page.id, step: 1, count: 0 },
  },
})

/** The same projects at other addresses. */
export function withPaths(traffic: Traffic, pathOf: (page: Page) => string): Traffic {
  const rewritten = (page: Page) => ({ ...page, path: pathOf(page) })
  return {
    ...traffic,
    newest: traffic.newest.map(rewritten),
    others: traffic.others.map(rewritten),
  }
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

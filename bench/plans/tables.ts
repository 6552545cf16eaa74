import { markdownTable, median, textTable } from '../report'
import { deep, firstPage, limits } from './limits'
import type { MeasuredRead, Speed } from './measure'

/** What the lists in one sort cost at their beginning and far down: medians, and the worst. */
export interface Keyset {
  sort: string
  lists: number
  firstBuffers: number
  deepBuffers: number
  buffersRatio: number
  msRatio: number | null
  worst: { list: string; firstBuffers: number; deepBuffers: number }
}

const indexCharactersMax = 70

/** Page 1 against the deep page of every list that one index answers. */
export function compareKeysets(reads: MeasuredRead[]): Keyset[] {
  const lists = reads.filter(({ read, kind }) => read === 'listProjects' && kind === 'list')
  const pairs = lists.flatMap((first) => {
    if (!first.variant.endsWith(firstPage)) return []
    const variant = first.variant.replace(firstPage, deep)
    const far = lists.find((page) => page.key === first.key && page.variant === variant)
    return far ? [{ first, far, sort: first.variant.split(', ')[1] ?? '' }] : []
  })
  return [...Map.groupBy(pairs, ({ sort }) => sort)].map(([sort, group]) => {
    const middle = (of: (pair: (typeof group)[number]) => number) => median(group.map(of))
    const excess = ({ first, far }: (typeof group)[number]) => far.buffers - first.buffers
    const { first, far } = group.reduce((a, b) => (excess(b) > excess(a) ? b : a))
    const isTimed = group.every((pair) => pair.first.ms !== null && pair.far.ms !== null)
    return {
      sort,
      lists: group.length,
      firstBuffers: middle((pair) => pair.first.buffers),
      deepBuffers: middle((pair) => pair.far.buffers),
      buffersRatio: middle((pair) => pair.far.buffers / pair.first.buffers),
      msRatio: isTimed ? middle((pair) => (pair.far.ms ?? 0) / (pair.first.ms ?? 1)) : null,
      worst: {
        list: `${first.key}, ${first.variant.split(', ')[0]}`,
        firstBuffers: first.buffers,
        deepBuffers: far.buffers,
      },
    }
  })
}

interface Table {
  headers: string[]
  rows: string[][]
}

/** One row for each read and key, with the most that any of its variants took. */
function readsTable(reads: MeasuredRead[]): Table {
  const groups = Map.groupBy(reads, ({ read, key }) => `${read}\n${key}`)
  const rows = [...groups.values()].map((group) => {
    const most = (name: 'rows' | 'buffers' | 'sortedRows' | 'readRows') =>
      String(Math.max(...group.map((each) => each[name])))
    const times = group.flatMap(({ ms }) => (ms === null ? [] : [ms]))
    const wrong = group.filter(({ complaints }) => complaints.length > 0).length
    return [
      group[0]?.read ?? '',
      group[0]?.key ?? '',
      String(group.length),
      most('rows'),
      most('buffers'),
      most('readRows'),
      most('sortedRows'),
      shorten([...new Set(group.flatMap(({ indexes }) => indexes))].join(' ')),
      times.length > 0 ? Math.max(...times).toFixed(2) : '–',
      wrong > 0 ? `${wrong} WRONG` : 'ok',
    ]
  })
  return {
    headers: [
      ...['read', 'key', 'variants', 'rows', 'buffers', 'read', 'sorted', 'indexes', 'ms'],
      'verdict',
    ],
    rows,
  }
}

const shorten = (text: string) =>
  text.length <= indexCharactersMax ? text : `${text.slice(0, indexCharactersMax - 1)}…`

const figure = (value: number | null, digits = 0) => (value === null ? '–' : value.toFixed(digits))

function keysetTable(keysets: Keyset[]): Table {
  return {
    headers: [
      ...['sort', 'lists', 'buffers, page 1', 'buffers, deep', 'ratio', 'ratio of ms'],
      ...['worst list', 'its page 1', 'its deep'],
    ],
    rows: keysets.map((each) => [
      each.sort,
      String(each.lists),
      figure(each.firstBuffers),
      figure(each.deepBuffers),
      figure(each.buffersRatio, 2),
      figure(each.msRatio, 2),
      each.worst.list,
      figure(each.worst.firstBuffers),
      figure(each.worst.deepBuffers),
    ]),
  }
}

function speedTable(speeds: Speed[]): Table {
  return {
    headers: ['what', 'queries', 'p50 ms', 'p95 ms', 'most ms', 'slowest'],
    rows: speeds.map(({ what, queries, p50Ms, p95Ms, maxMs, slowest }) => [
      what,
      String(queries),
      p50Ms.toFixed(1),
      p95Ms.toFixed(1),
      maxMs.toFixed(1),
      slowest,
    ]),
  }
}

function limitsTable(): Table {
  return {
    headers: ['kind of read', 'buffers', 'sorted', 'read', 'thrown away', 'reason'],
    rows: Object.entries(limits).map(([kind, limit]) => [
      kind,
      String(limit.buffers),
      String(limit.sortedRows),
      String(limit.readRows),
      String(limit.removedRows),
      limit.reason,
    ]),
  }
}

/** A sentence for each thing that is wrong, with the reads it is wrong in. */
export function failures(reads: MeasuredRead[]): string[] {
  const all = reads.flatMap((read) => read.complaints.map((complaint) => ({ read, complaint })))
  const alike = Map.groupBy(
    all,
    ({ read, complaint }) => `${read.read}\n${read.key}\n${complaint.rule}\n${complaint.node}`,
  )
  return [...alike.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { read, complaint } = first
    const variant = read.variant ? ` (${read.variant})` : ''
    const more = group.length > 1 ? ` and ${group.length - 1} more` : ''
    const where = `${read.read} of ${read.key}${variant}${more}`
    return [`${where}: ${complaint.node} ${complaint.sentence}.`]
  })
}

const titles = {
  reads: 'Every read, by the most that one of its variants took',
  keyset: 'Lists: page 1 against about page 10,000, or the middle of a shorter one (medians)',
  speed: 'Search, hot, at the client',
  limits: 'What one statement may do',
}

export interface Findings {
  reads: MeasuredRead[]
  keysets: Keyset[]
  speeds: Speed[]
  wrong: string[]
}

/** The tables for a terminal. */
export function toText({ reads, keysets, speeds }: Findings): string {
  const section = (title: string, { headers, rows }: Table) =>
    rows.length === 0 ? [] : [`${title}\n\n${textTable(headers, rows)}`]
  return [
    ...section(titles.reads, readsTable(reads)),
    ...section(titles.keyset, keysetTable(keysets)),
    ...section(titles.speed, speedTable(speeds)),
  ].join('\n\n')
}

/** The same as a Markdown page, with the limits and their reasons. */
export function toMarkdown({ reads, keysets, speeds, wrong }: Findings): string {
  const section = (title: string, { headers, rows }: Table) =>
    rows.length === 0 ? [] : [`## ${title}\n\n${markdownTable(headers, rows)}`]
  return [
    '# The plans of every read',
    wrong.length === 0
      ? `All ${reads.length} keep within their limits.`
      : `Not within their limits:\n\n${wrong.map((sentence) => `- ${sentence}`).join('\n')}`,
    ...section(titles.reads, readsTable(reads)),
    ...section(titles.keyset, keysetTable(keysets)),
    ...section(titles.speed, speedTable(speeds)),
    ...section(titles.limits, limitsTable()),
  ].join('\n\n')
}

/** The rows of the JSON, with units in their names. */
export function toRows({ reads, keysets, speeds }: Findings): object[] {
  return [
    ...reads.map((each) => ({
      id: [each.read, each.key, each.variant].filter((part) => part !== '').join(' · '),
      kind: each.kind,
      statements: each.statements,
      planned_anew: each.plannedAnew,
      rows: each.rows,
      buffers: each.buffers,
      sorted_rows: each.sortedRows,
      read_rows: each.readRows,
      removed_rows: each.removedRows,
      indexes: each.indexes,
      hot_ms: rounded(each.ms),
      complaints: each.complaints.map(({ node, sentence }) => `${node} ${sentence}`),
    })),
    ...keysets.map((each) => ({
      id: `keyset ${each.sort}`,
      lists: each.lists,
      first_buffers: each.firstBuffers,
      deep_buffers: each.deepBuffers,
      buffers_ratio: rounded(each.buffersRatio),
      ms_ratio: rounded(each.msRatio),
      worst_list: each.worst.list,
      worst_first_buffers: each.worst.firstBuffers,
      worst_deep_buffers: each.worst.deepBuffers,
    })),
    ...speeds.map(({ what, queries, p50Ms, p95Ms, maxMs, slowest }) => ({
      id: what,
      queries,
      p50_ms: rounded(p50Ms),
      p95_ms: rounded(p95Ms),
      max_ms: rounded(maxMs),
      slowest,
    })),
  ]
}

const rounded = (value: number | null) => (value === null ? null : Number(value.toFixed(3)))

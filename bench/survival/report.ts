import { count } from '../database/report'
import { markdownTable, textTable } from '../report'
import { type DeedId, deeds } from './deeds'
import type { Cell } from './judge'
import { keptWords } from './kept'
import { connectionsMax } from './rig'
import { isKept, type Row } from './run'

/** The rows of the JSON file: one for each cell, and one for each state that was not tried. */
export const survivalRows = (rows: Row[]): object[] =>
  rows.flatMap(({ state, cells, connections, notTried }): object[] => {
    const about = { state: state.id, title: state.title }
    if (notTried !== undefined) return [{ id: state.id, ...about, not_tried: notTried }]
    return cells.map((cell) => ({
      ...{ id: `${state.id} ${cell.deed}`, ...about, deed: cell.deed, promised: cell.promised },
      ...{ kept: cell.broken.length === 0, requests: cell.asked, answers: cell.answers },
      ...{ old: cell.old, longest_ms: rounded(cell.longestMs) },
      ...(Number.isFinite(cell.recoveredMs) ? { recovered_ms: rounded(cell.recoveredMs) } : {}),
      ...{ connections_opened: connections, broken: cell.broken },
    }))
  })

const rounded = (ms: number) => Math.round(ms)

const ms = (milliseconds: number) =>
  Number.isFinite(milliseconds) ? `${count(Math.round(milliseconds))} ms` : '–'

function cellText(cell: Cell | undefined): string {
  if (!cell) return '–'
  const { deed, promised, broken, longestMs, recoveredMs } = cell
  const verdict = broken.length === 0 ? keptWords[promised] : 'BROKEN'
  const figure = deed === 'settle' ? ms(recoveredMs) : ms(longestMs)
  return `${verdict}, ${figure}`
}

const headers = [
  ...['while', ...deeds.map(({ title }) => title)],
  ...['as ever after', 'connections opened'],
]

const cellOf = ({ cells }: Row, deed: DeedId) => cells.find((cell) => cell.deed === deed)

/** Of all but settling, which has work to do then. */
const recoveredMs = ({ cells }: Row): number =>
  Math.max(...cells.filter(({ deed }) => deed !== 'settle').map((cell) => cell.recoveredMs))

const table = (rows: Row[]): [string[], string[][]] => [
  headers,
  rows.map((row) => [
    row.state.title,
    ...deeds.map(({ id }) =>
      row.notTried === undefined ? cellText(cellOf(row, id)) : 'not tried',
    ),
    row.notTried === undefined ? ms(recoveredMs(row)) : '',
    row.notTried === undefined ? `${row.connections} of ${connectionsMax}` : '',
  ]),
]

/** A sentence for each promise that was not kept, and for what could not be tried. */
export const survivalSentences = (rows: Row[]): string[] =>
  rows.flatMap(({ state, cells, notTried }) => [
    ...(notTried === undefined ? [] : [`${state.title}: not tried, as ${notTried}.`]),
    ...cells.flatMap(({ deed, broken }) =>
      broken.map((sentence) => `${state.title}, ${deed}: ${sentence}.`),
    ),
  ])

/** The findings for a terminal. */
export function survivalText(rows: Row[]): string {
  const tried = rows.filter(({ notTried }) => notTried === undefined)
  const cells = tried.flatMap((row) => row.cells)
  const kept = cells.filter(({ broken }) => broken.length === 0).length
  const whole = tried.filter(isKept).length
  const verdict = `${kept} of ${cells.length} promises kept: all of them in ${whole} of ${tried.length} states.`
  return [textTable(...table(rows)), '', verdict, ...survivalSentences(rows)].join('\n')
}

/** The findings as a page; the caller's report adds when, where and the notes. */
export const survivalMarkdown = (rows: Row[]): string =>
  [
    '# What people can do while something is down',
    'A served site of two workers, with real parts: something it needs is stopped, killed, hung, ' +
      'slowed down or emptied while people go on. Each cell has what is promised there and the ' +
      'longest that anybody waited for an answer; for settling, how long after the return a ' +
      'project that had ended was charged, once. A page “shown as it was” says so in its headers ' +
      '(`Age`, `Cache-Status`, `Warning`) and in a line for people; what is refused says when to ' +
      'come again, and nothing of it is done. After the return all must be as ever within 2 s, ' +
      'without more connections than the workers’ pools may have.',
    markdownTable(...table(rows)),
    ...survivalSentences(rows).map((sentence) => `- ${sentence}`),
  ].join('\n\n')

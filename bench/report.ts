import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Db } from '#db/client'
import { program } from '#version'

/** What every instrument hands in; `writeReport` adds when, of which commit, and on what machine. */
export interface Report {
  /** Names the files: `queries` is written to `queries.json`. */
  bench: string
  /** The words that repeat it. */
  command: string
  scale: { projects: number; people: number; pledges: number }
  versions: Record<string, string>
  /** Units stand in the names: `before_ms`, `requests_per_second`. */
  rows: object[]
  notes?: string[]
}

export interface Machine {
  cpu: string
  cores: number
  memory_gb: number
  kernel: string
}

/** A table this small is counted; of a larger one its statistics tell. */
const countedBytesMax = 64 * 1024 * 1024

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  }
}

/** The commit this program was built from or, in a checkout, stands at; null where unknown. */
function currentCommit(): string | null {
  if (program.commit !== null) return program.commit
  // Inside the executable there is no such directory.
  if (!Bun.which('git') || !existsSync(import.meta.dir)) return null
  const asked = Bun.spawnSync(['git', 'rev-parse', '--short=12', 'HEAD'], {
    cwd: import.meta.dir,
    stderr: 'ignore',
  })
  return asked.success ? asked.stdout.toString().trim() : null
}

/**
 * Writes `<bench>.json` and, if given, `<bench>.md` and `<bench>.svg` into the directory, which is
 * made when missing. The Markdown ends with the notes, date, commit, machine and versions. Returns
 * the paths written.
 */
export async function writeReport(
  directory: string,
  report: Report,
  files: { markdown?: string; svg?: string } = {},
): Promise<string[]> {
  const { bench, command, scale, versions, rows, notes } = report
  const origin = { date: new Date().toISOString(), commit: currentCommit(), machine: machine() }
  const whole = { bench, command, ...origin, versions, scale, rows, ...(notes ? { notes } : {}) }
  const contents: [string, string][] = [['json', `${JSON.stringify(whole, null, 2)}\n`]]
  if (files.markdown !== undefined) {
    contents.push(['md', `${files.markdown.trimEnd()}\n\n${colophon(report, origin)}\n`])
  }
  if (files.svg !== undefined) contents.push(['svg', files.svg])
  await mkdir(directory, { recursive: true })
  const paths: string[] = []
  for (const [ending, content] of contents) {
    const path = join(directory, `${bench}.${ending}`)
    await Bun.write(path, content)
    paths.push(path)
  }
  return paths
}

function colophon(
  { command, scale, versions, notes = [] }: Report,
  origin: { date: string; commit: string | null; machine: Machine },
): string {
  const { cpu, cores, memory_gb, kernel } = origin.machine
  const count = (number: number) => number.toLocaleString('en-US')
  const tools = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const measured =
    `Measured on ${origin.date.slice(0, 10)} by \`${command}\`` +
    `${origin.commit ? ` at commit ${origin.commit}` : ''}: ` +
    `${count(scale.projects)} projects, ${count(scale.people)} people, ` +
    `${count(scale.pledges)} pledges; ${cores} cores of ${cpu}, ${memory_gb} GB, ` +
    `Linux ${kernel}; ${tools.join(', ')}.`
  return [...notes.map((note) => `- ${note}`), ...(notes.length > 0 ? [''] : []), measured].join(
    '\n',
  )
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export const median = (values: number[]): number => percentile(values, 0.5)

/** The value below which `share` (0 to 1) of the values lie, between two of them in proportion. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/** Columns aligned for a terminal: what is a figure in all its rows stands to the right. */
export function textTable(headers: string[], rows: string[][]): string {
  const widths = headers.map((header, column) =>
    Math.max(
      ...[header, ...rows.map((row) => row[column] ?? '')].map((cell) => Bun.stringWidth(cell)),
    ),
  )
  const right = numericColumns(headers, rows)
  const line = (row: string[]) =>
    headers
      .map((_, column) => {
        const cell = row[column] ?? ''
        const padding = ' '.repeat((widths[column] ?? 0) - Bun.stringWidth(cell))
        return right[column] ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [line(headers), rule, ...rows.map(line)].join('\n')
}

/** The same as a Markdown table. */
export function markdownTable(headers: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${headers.map((_, column) => (cells[column] ?? '').replaceAll('|', '\\|')).join(' | ')} |`
  const rule = numericColumns(headers, rows).map((right) => (right ? '---:' : '---'))
  return [line(headers), line(rule), ...rows.map(line)].join('\n')
}

/** Which columns hold nothing but figures. */
export function numericColumns(headers: string[], rows: string[][]): boolean[] {
  const figure = /^([~≈<>≤≥]?\s?-?[\d,.]+\s?(%|×|x|ms|s|kB|MB|GB|\/s)?|–|-|)$/
  return headers.map(
    (_, column) =>
      rows.some((row) => /\d/.test(row[column] ?? '')) &&
      rows.every((row) => figure.test(row[column] ?? '')),
  )
}

/**
 * How much the database holds. Ids are given without gaps, so of projects and people the highest is
 * their number; pledges are counted while they are few, later the statistics know them.
 */
export async function databaseScale(db: Db): Promise<Report['scale']> {
  const [row] = await db.$client<{ projects: string; people: string; bytes: string }[]>`
    select coalesce((select max(id) from projects), 0) as projects,
      coalesce((select max(id) from people), 0) as people,
      pg_relation_size('pledges') as bytes`
  const small = Number(row?.bytes ?? 0) <= countedBytesMax
  const [counted] = small
    ? await db.$client<{ pledges: string }[]>`select count(*) as pledges from pledges`
    : await db.$client<{ pledges: string }[]>`
        select greatest(reltuples, 0)::bigint as pledges from pg_class
        where oid = 'pledges'::regclass`
  return {
    projects: Number(row?.projects ?? 0),
    people: Number(row?.people ?? 0),
    pledges: Number(counted?.pledges ?? 0),
  }
}

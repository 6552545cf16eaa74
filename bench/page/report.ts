import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import font from '@fontsource-variable/familjen-grotesk/files/familjen-grotesk-latin-wght-normal.woff2' with {
  type: 'file',
}
import { CommandError } from '#lib/errors'
import { drawChart } from '../chart'
import { seeing, signed } from './cost'
import { database } from './database'
import { type Entry, entryOf, hasMarks } from './entry'
import { faults } from './faults'
import { hosts } from './hosts'
import { ladder } from './ladder'
import { live } from './live'
import { overload } from './overload'
import { page } from './page'
import { peers } from './peers'
import { plans } from './plans'
import { pledges } from './pledges'
import { pledgesHttp } from './pledges-http'
import { queries } from './queries'
import { restarts } from './restarts'
import { type Result, readResults } from './results'
import { scale } from './scale'
import type { Subject } from './section'
import { security } from './security'
import { seed } from './seed'
import { serve } from './serve'
import { settle } from './settle'
import { slowClients } from './slow-clients'
import { soak } from './soak'
import { sockets } from './sockets'
import { survival } from './survival'

/** In the order of the page: what 2018 measured or wished for, then the rest. */
const subjects: readonly Subject[] = [
  ...[ladder, queries, sockets, scale, hosts, restarts],
  ...[pledges, pledgesHttp, faults, settle, survival, security, live, overload, slowClients, soak],
  ...[peers, database, seed, plans, serve, signed, seeing],
]

/**
 * Makes one HTML page of the results in the directory, and beside it an SVG of the first chart of
 * each; returns the paths written. Throws a CommandError where a result cannot be read.
 */
export async function writePage(directory: string, out: string): Promise<string[]> {
  const results = await readResults(
    directory,
    subjects.map(({ bench }) => bench),
  )
  if (results.size === 0) {
    throw new CommandError(`There are no results in ${directory}: run a bench, or name --results.`)
  }
  const entries: Entry[] = []
  for (const subject of subjects) {
    const { bench } = subject
    entries.push(await entryOf(subject, results.get(bench), join(directory, `${bench}.json`)))
  }
  const typeface = await Bun.file(font).bytes()
  await mkdir(dirname(out), { recursive: true })
  await Bun.write(out, page({ entries, font: typeface.toBase64() }))
  const paths = [out]
  for (const { bench, found } of entries) {
    const [first] = found?.pictures ?? []
    if (!first) continue
    const path = join(dirname(out), `${bench}.svg`)
    await Bun.write(path, await drawChart(first.chart))
    paths.push(path)
  }
  return paths
}

/** The SVG of these rows of a bench, as the report would draw it; none of rows without a figure. */
export async function svgOf(
  bench: string,
  result: { rows: object[]; scale: Result['scale'] },
): Promise<{ svg?: string }> {
  const subject = subjects.find((each) => each.bench === bench)
  const [chart] = subject?.section(result as Result).charts.filter(hasMarks) ?? []
  return chart ? { svg: await drawChart(chart) } : {}
}

import { join, resolve } from 'node:path'
import { writePage } from '#bench/page/report'
import { resultsDirectory } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter bench report [--results DIR] [--out FILE]

One HTML page of all results: charts and tables with the figures of 2018 beside ours, how each was
measured, budgets met and missed, and what was not better. It asks for nothing else, so it can be
sent to anybody. Beside it the chart of each bench as an SVG. Needs no database.

  --results DIR   where the results are; by default bench/results, if there is one here, else here
  --out FILE      by default report.html beside the results
  --help          show this`

export const benchReport: Runnable = {
  usage,
  run: async (args) => {
    const { values } = parseFlags('bench report', args, {
      results: { type: 'string' },
      out: { type: 'string' },
    })
    const directory = resultsDirectory(values.results)
    const paths = await writePage(directory, resolve(values.out ?? join(directory, 'report.html')))
    console.log(`Written: ${paths.join(', ')}`)
    return 0
  },
}

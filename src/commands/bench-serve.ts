import { textTable, writeReport } from '#bench/report'
import { measureServing } from '#bench/serve'
import { demoScale } from '#seed/generate'
import { program } from '#version'
import { benchFlags, resultsDirectory } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter bench serve [--out DIR]

How soon the executable serves in an empty directory and on a migrated database, and what the front
page weighs. In a checkout it builds the executable first. Takes about half a minute.

  --out DIR       where the results go; by default bench/results, if there is one here, else here
  --help          show this`

export const benchServe: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench serve', args, { out: benchFlags.out })
    const rows = await measureServing({
      executable: embedded ? process.execPath : undefined,
      say: (line) => console.error(line),
    })
    const table = rows.map((row) => {
      const { id, ...figures } = row as Record<string, unknown>
      const words = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`)
      return [String(id), words.join(', ')]
    })
    console.log(textTable(['what', 'figures'], table))
    const { projects, people, pledges } = demoScale
    const paths = await writeReport(resultsDirectory(values.out), {
      bench: 'serve',
      command: 'jumpstarter bench serve',
      scale: { projects, people, pledges },
      versions: { jumpstarter: program.version, bun: Bun.version },
      rows,
    })
    console.log(`\nWritten: ${paths.join(', ')}`)
    return 0
  },
}

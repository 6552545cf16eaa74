import { benchPlansOf } from '#bench/plans/plans'
import { writeReport } from '#bench/report'
import { loadConfig } from '#config'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory } from './bench-flags'
import type { Runnable } from './command'
import { withDatabase } from './database'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter bench plans [--strict] [--check] [--data DIR] [--out DIR]

Runs every read the site makes, with keys found in the database that are hard for it, and shows the
plans as executed. Exits 1 if one scans a big table, sorts, reads or throws away more rows than a
page needs, or reads more buffers than its kind may. Reads only. Needs a superuser, which the
embedded Postgres gives.

  --strict        for a small database, where scanning and sorting is often best: the planner is
                  told to leave it, so that what still scans or sorts has no index
  --check         exits 1 also when search or suggestions are slower than their budget
${benchFlagsUsage}`

const flags = {
  strict: { type: 'boolean' },
  check: { type: 'boolean' },
  ...benchFlags,
} as const

export const benchPlans: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench plans', args, flags)
    const { strict = false, check = false } = values
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const applicationName = 'jumpstarter bench plans'
    const surroundings = { config, embedded, applicationName, mustExist: true }
    return await withDatabase(surroundings, async ({ db, url }) => {
      const progress = showProgress()
      const found = await benchPlansOf(db, url, {
        strict,
        check,
        onProgress: progress.report,
      }).finally(progress.end)
      console.log(found.text)
      const words = ['jumpstarter bench plans', strict ? '--strict' : '', check ? '--check' : '']
      const paths = await writeReport(
        resultsDirectory(values.out),
        {
          bench: 'plans',
          command: words.filter((word) => word !== '').join(' '),
          scale: found.scale,
          versions: { jumpstarter: program.version, bun: Bun.version, postgres: found.postgres },
          rows: found.rows,
          notes: found.notes,
        },
        { markdown: found.markdown },
      )
      console.log(`\nWritten: ${paths.join(', ')}`)
      for (const sentence of found.wrong) console.error(`WRONG  ${sentence}`)
      console.log(found.summary)
      return found.wrong.length === 0 ? 0 : 1
    })
  },
}

const barRedrawMs = 100

/** On a terminal one line, redrawn in place; elsewhere a line for each read. */
function showProgress(stream = process.stderr) {
  const startedAt = performance.now()
  let last = ''
  let drawnAt = 0
  return {
    report: (what: string, fraction: number) => {
      const passed = performance.now() - startedAt
      const left = Math.ceil(((passed / fraction) * (1 - fraction)) / 1000)
      const outlook = fraction < 0.05 ? '' : `, ${left} s left`
      const line = `Plans: ${Math.round(fraction * 100)}% ${what}${outlook}`
      if (!stream.isTTY && what !== last) stream.write(`${line}\n`)
      if (stream.isTTY && passed - drawnAt > barRedrawMs) {
        stream.write(`\r\u001b[K${line}`)
        drawnAt = passed
      }
      last = what
    },
    end: () => {
      if (stream.isTTY) stream.write('\r\u001b[K')
    },
  }
}

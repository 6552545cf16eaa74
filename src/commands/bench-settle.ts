import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { settleMarkdown, settleRows, settleText } from '#bench/settle/report'
import { measureSettling } from '#bench/settle/settle'
import { loadConfig } from '#config'
import { openTestGateway } from '#payments/test-gateway'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { createProgress } from './progress'

const pledgesMax = 1_000_000
const usual = '100000'

const usage = `Usage: jumpstarter bench settle [--pledges N] [flags]

How fast one project is settled, by one host: its deadline is decided, all pledges are charged at
the test gateway, those that cannot be paid are told, tried again after seven days and dropped, and
its creator is paid. On a Postgres of the bench's own, with fsync and synchronous_commit on. After it
the books are compared with pledges, charges and payouts.

  --pledges N     by default ${usual}; one in twenty cannot be paid
${benchFlagsUsage}`

const flags = { ...benchFlags, pledges: { type: 'string' } } as const

export const benchSettle: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench settle', args, flags)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const pledges = wholeNumber('--pledges', values.pledges ?? usual, 1, pledgesMax)
    const around = { embedded, cacheDirectory: config.cacheDirectory, fill: fillDemo }
    return await withOwnPostgres(around, async (handle) => {
      const { db, version } = await handle.withSettings({})
      const work = {
        ...{ db, payments: openTestGateway(db, config.baseUrl), fees: config.fees },
        ...{ site: config.baseUrl, demo: false },
      }
      const progress = createProgress('Settling', pledges)
      const settled = await measureSettling(work, pledges, progress.report)
      progress.end()
      const rows = settleRows(settled)
      const scale = await databaseScale(db)
      const paths = await writeReport(
        resultsDirectory(values.out),
        {
          bench: 'settle',
          command: ['jumpstarter bench settle', ...spokenFlags(args)].join(' '),
          scale,
          versions: { jumpstarter: program.version, bun: Bun.version, postgres: version },
          rows,
          notes: [
            'Each charge is two transactions of 500 and a call to the test gateway between them, 16 ' +
              'at once; what the gateway keeps of it is a row in the same Postgres, and in the time.',
          ],
        },
        { markdown: settleMarkdown(settled), ...(await svgOf('settle', { rows, scale })) },
      )
      console.log(settleText(settled))
      console.log(`\nWritten: ${paths.join(', ')}`)
      return 0
    })
  },
}

import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { signedMarkdown, signedRows, signedText } from '#bench/signed/report'
import { measureSigned, turnsOf } from '#bench/signed/signed'
import { loadConfig } from '#config'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress } from './progress'

const roundsMax = 200
const secondsMax = 60
const usual = { rounds: '15', seconds: '1' }

const usage = `Usage: jumpstarter bench signed [flags]

What it costs that a reader is signed in: processor time of one worker for pages made anew, by turns
for people with a session and for readers without a cookie. On a Postgres of the bench's own.

  --rounds N     by default ${usual.rounds}, at most ${roundsMax}
  --seconds N    of each turn; by default ${usual.seconds}
${benchFlagsUsage}`

const flags = { ...benchFlags, rounds: { type: 'string' }, seconds: { type: 'string' } } as const

export const benchSigned: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench signed', args, flags)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const text = { ...usual, ...values }
    const rounds = wholeNumber('--rounds', text.rounds, 1, roundsMax)
    const seconds = wholeNumber('--seconds', text.seconds, 1, secondsMax)
    return await interruptible((signal) =>
      withOwnPostgres({ embedded, cacheDirectory, fill: fillDemo }, async (handle) => {
        const { db, url, version } = await handle.withSettings({})
        const progress = createProgress('Measuring')
        const total = turnsOf(rounds)
        const report = (turns: number) =>
          progress.report(`${turns} of ${total} turns`, turns / total)
        const options = { rounds, seconds, signal, report }
        const pages = await measureSigned({ db, url }, options)
        progress.end()
        const rows = signedRows(pages)
        const scale = await databaseScale(db)
        const paths = await writeReport(
          resultsDirectory(values.out),
          {
            bench: 'signed',
            command: ['jumpstarter bench signed', ...spokenFlags(args)].join(' '),
            scale,
            versions: { jumpstarter: program.version, bun: Bun.version, postgres: version },
            rows,
            notes,
          },
          { markdown: signedMarkdown(pages), ...(await svgOf('signed', { rows, scale })) },
        )
        console.log(signedText(pages))
        console.log(`\nWritten: ${paths.join(', ')}`)
        return 0
      }),
    )
  },
}

const notes = [
  'Sixteen readers at once, eight people with pledges and follows of their own, sixteen projects. ' +
    'Nothing is kept: each page is made anew, also for those without a cookie.',
  'The ratio is the mean of the pairs of turns, which follow upon each other.',
]

import { type CostNames, costMarkdown, costRows, costText } from '#bench/cost/report'
import { measureSeeing, seeingKinds } from '#bench/cost/seeing'
import { measureSigned, signedKinds } from '#bench/cost/signed'
import { type Cost, type CostOptions, turnsOf } from '#bench/cost/turn'
import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { loadConfig } from '#config'
import type { Db } from '#db/client'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress } from './progress'

const roundsMax = 200
const secondsMax = 60
const usual = { rounds: '15', seconds: '1' }

interface Subject {
  bench: 'signed' | 'seeing'
  title: string
  /** What is compared, in lines of a help text. */
  about: string
  names: CostNames
  kinds: number
  measure(database: { db: Db; url: string }, options: CostOptions): Promise<Cost[]>
  notes: string[]
}

const flags = { ...benchFlags, rounds: { type: 'string' }, seconds: { type: 'string' } } as const
const ofPairs = 'The ratio is the mean of the pairs of turns, which follow upon each other.'

const usageOf = ({ bench, about }: Subject): string => `Usage: jumpstarter bench ${bench} [flags]

${about}

  --rounds N     by default ${usual.rounds}, at most ${roundsMax}
  --seconds N    of each turn; by default ${usual.seconds}
${benchFlagsUsage}`

export const benchSigned = benchCost({
  bench: 'signed',
  title: 'Pages of people signed in',
  about: `\
What it costs that a reader is signed in: processor time of one worker for pages made anew, by turns
for people with a session and for readers without a cookie. On a Postgres of the bench's own.`,
  names: { without: 'anonymous', with: 'signed in' },
  kinds: signedKinds,
  measure: measureSigned,
  notes: [
    'Sixteen readers at once, eight people with pledges and follows of their own, sixteen ' +
      'projects. Nothing is kept: each page is made anew, also for those without a cookie.',
    ofPairs,
  ],
})

export const benchSeeing = benchCost({
  bench: 'seeing',
  title: 'What it costs to see',
  about: `\
What it costs that a program counts, measures and tells of its requests: processor time for a page
from memory and for one made anew, by turns of a program as it is and of one with
JUMPSTARTER_METRICS=off and a quiet log. One worker each, on a Postgres of the bench's own.`,
  names: { without: 'blind', with: 'seeing' },
  kinds: seeingKinds,
  measure: measureSeeing,
  notes: [
    'Sixteen readers at once, sixteen project pages. The log is at info, as is usual: a hundred ' +
      'lines a second at most, and none of pages from memory.',
    ofPairs,
  ],
})

function benchCost(subject: Subject): Runnable {
  const { bench, title, about, names, kinds, measure, notes } = subject
  return {
    usage: usageOf(subject),
    run: async (args, { embedded }) => {
      const { values } = parseFlags(`bench ${bench}`, args, flags)
      const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
      const text = { ...usual, ...values }
      const rounds = wholeNumber('--rounds', text.rounds, 1, roundsMax)
      const seconds = wholeNumber('--seconds', text.seconds, 1, secondsMax)
      return await interruptible((signal) =>
        withOwnPostgres({ embedded, cacheDirectory, fill: fillDemo }, async (handle) => {
          const { db, url, version } = await handle.withSettings({})
          const progress = createProgress('Measuring')
          const total = turnsOf(kinds, rounds)
          const report = (turns: number) =>
            progress.report(`${turns} of ${total} turns`, turns / total)
          const costs = await measure({ db, url }, { rounds, seconds, signal, report })
          progress.end()
          const rows = costRows(costs)
          const scale = await databaseScale(db)
          const paths = await writeReport(
            resultsDirectory(values.out),
            {
              bench,
              command: [`jumpstarter bench ${bench}`, ...spokenFlags(args)].join(' '),
              scale,
              versions: { jumpstarter: program.version, bun: Bun.version, postgres: version },
              rows,
              notes,
            },
            {
              markdown: costMarkdown(title, about, costs, names),
              ...(await svgOf(bench, { rows, scale })),
            },
          )
          console.log(costText(costs, names))
          console.log(`\nWritten: ${paths.join(', ')}`)
          return 0
        }),
      )
    },
  }
}

import { postgresVersion } from '#bench/database/database'
import { cacheMbFor } from '#bench/ladder/ladder'
import { measureSubjects } from '#bench/load/measure'
import { errorSentences } from '#bench/load/rows'
import { pageCount, sampleTraffic, type Traffic } from '#bench/load/traffic'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { type Confinement, openConfinement, periodUsOf } from '#bench/scale/cgroup'
import { headlineSubjects } from '#bench/scale/headline'
import { requireRoom } from '#bench/scale/preconditions'
import {
  errorSentencesOf,
  type ScaleFindings,
  scaleMarkdown,
  scaleRows,
  scaleText,
  verdict,
} from '#bench/scale/report'
import { measureScale } from '#bench/scale/scale'
import { CommandError } from '#lib/errors'
import { formatCount, plural } from '#lib/text'
import { program } from '#version'
import { resultsDirectory, spokenFlags } from './bench-flags'
import { type LoadWork, say, stepProgress, withLoad } from './bench-load'
import { flags, type ScaleChoice, scaleChoice, usage } from './bench-scale-flags'
import type { Runnable } from './command'
import { parseFlags } from './flags'

export const benchScale: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench scale', args, flags)
    // Asked later it may be no path any more, because another file has replaced it.
    const executable = embedded ? process.execPath : undefined
    const choice = scaleChoice(values)
    const { install = false, data } = values
    const confinement = openConfinement()
    try {
      const needed = ['wrk', 'h2load', 'nginx'] as const
      const around = { command: 'bench scale', needed, install, data, embedded, anywhere: true }
      return await withLoad(around, async (work) => {
        const about = await prepared({ work, choice, confinement, executable })
        const findings = await measure(about)
        const command = ['jumpstarter bench scale', ...spokenFlags(args)].join(' ')
        return await publish(findings, about, { command, out: values.out })
      })
    } finally {
      confinement.close()
    }
  },
}

interface Surroundings {
  work: LoadWork
  choice: ScaleChoice
  confinement: Confinement
  /** To measure; without it the checkout. */
  executable: string | undefined
}

interface About extends Surroundings {
  traffic: Traffic
  scale: Awaited<ReturnType<typeof databaseScale>>
}

/** Refuses before anything is started. */
async function prepared(around: Surroundings): Promise<About> {
  const { work, choice } = around
  const { counts, share, connections, projectsMin } = choice
  const most = Math.max(...counts)
  await requireRoom(work.db, { instances: most, share, connections, sites: counts.length * 2 })
  const scale = await databaseScale(work.db)
  const traffic = await sampleTraffic(work.db, choice.pages)
  if (scale.projects < projectsMin) {
    throw new CommandError(
      `The database has ${plural(scale.projects, 'project')}, and --require-projects asks for ` +
        `${formatCount(projectsMin)}: run jumpstarter seed --force --projects ${projectsMin}.`,
    )
  }
  say(`${formatCount(pageCount(traffic))} different pages are asked for.`)
  return { ...around, traffic, scale }
}

async function measure({
  work,
  choice,
  confinement,
  executable,
  traffic,
}: About): Promise<ScaleFindings> {
  const { counts, share, kind, connections, rounds } = choice
  const most = Math.max(...counts)
  const shared = { ...work, ...choice, databaseUrl: work.url, executable, traffic }
  // Each start, the warm-up and the proof stand before the rounds.
  const scale = stepProgress('Scaling', most + 2 + counts.length * 2 * rounds)
  const pageCacheMb = kind === 'cached' ? cacheMbFor(traffic) : undefined
  const cells = await measureScale({
    ...{ ...shared, connections, pageCacheMb, confinement, report: scale.report },
  })
  scale.end()
  const subjects = headlineSubjects(shared)
  const host = stepProgress('One host', subjects.length * rounds)
  const options = { ...shared, connections: [connections * most], report: host.report }
  const headline = await measureSubjects(subjects, options)
  host.end()
  return { cells, share, headline }
}

async function publish(
  findings: ScaleFindings,
  about: About,
  { command, out }: { command: string; out: string | undefined },
): Promise<number> {
  const { work, scale } = about
  const rows = scaleRows(findings)
  const paths = await writeReport(
    resultsDirectory(out),
    {
      bench: 'scale',
      command,
      scale,
      versions: {
        jumpstarter: program.version,
        bun: Bun.version,
        postgres: await postgresVersion(work.db),
      },
      rows,
      notes: notesOf(about),
    },
    { markdown: scaleMarkdown(findings), ...(await svgOf('scale', { rows, scale })) },
  )
  console.log(`${scaleText(findings)}\n\n${verdict(findings)}\n\nWritten: ${paths.join(', ')}`)
  const errors = [...errorSentencesOf(findings.cells), ...errorSentences(findings.headline)]
  for (const sentence of errors) console.error(sentence)
  return errors.length === 0 ? 0 : 1
}

const notesOf = ({ work, choice, confinement, executable, traffic, scale }: About) => [
  `Each instance is a supervisor and one worker of ${executable ? 'the executable' : 'the checkout'}, ` +
    `confined together to ${Math.round(choice.share * 100)}% of a core in periods of ` +
    `${periodUsOf(choice.share) / 1000} ms by ${confinement.description}. All are started and warmed ` +
    'up without a limit, and then confined; that the limits hold is proved before the rounds, and ' +
    'again by each run. A t2.micro may use 10% of its core all the time, and more as long as it has ' +
    'credits: those of 2018 had them, ours have not, so compare efficiency and not requests/s.',
  'The machine is one: ' +
    `${work.description}, nginx with one process and wrk are on it without a limit. A row says that ` +
    'the machine was full where less than 5% of it was idle, and that the instances were not at ' +
    'their limit where they took less than 90% of their shares: then something else was the limit.',
  `${plural(choice.rounds, 'round')}, up and down in turns, either transport first in turns: ` +
    `${choice.warmUpSeconds} s of warm-up and ${choice.seconds} s measured for each number of instances ` +
    'and transport. Figures are medians; who was busy is of the run but for its first 0.25 s.',
  `${choice.connections} connections of wrk for each instance, so that each is asked as much whatever ` +
    'their number. How many there were in 2018 is not known; throughput times average says 42 at one ' +
    'instance and 104 at ten.',
  choice.kind === 'page'
    ? 'Every page is made anew (JUMPSTARTER_PAGE_CACHE_MB=0), so that instances are the limit and ' +
      'not what stands before and behind them.'
    : `Pages are kept, in ${cacheMbFor(traffic)} MB of each instance, which is asked for all of them ` +
      'before.',
  `${formatCount(pageCount(traffic))} different project pages, four of five requests to the ` +
    `${formatCount(traffic.newest.length)} of them from the newest tenth of the ids, with ` +
    `\`Accept-Encoding: gzip\`; from ${plural(scale.projects, 'project')}, where 2018 had 10 million. ` +
    'Some of them are compared with the database before.',
  `The one host has ${plural(work.workers, 'worker')} and all pages kept, each worker being asked for ` +
    'every page before; behind nginx with as many processes and wrk, and direct with an h2load for ' +
    'each worker: compare h2load with h2load.',
  'Errors are counted as in 2018: answers that were no success, those after two seconds, broken ' +
    'connections; throughput has only the answers without.',
]

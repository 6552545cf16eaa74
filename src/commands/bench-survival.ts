import { findInstrument } from '#bench/load/instruments'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { survivalMarkdown, survivalRows, survivalText } from '#bench/survival/report'
import { openRig } from '#bench/survival/rig'
import { isKept, type Row, runMatrix } from '#bench/survival/run'
import { type State, states } from '#bench/survival/states'
import { loadConfig } from '#config'
import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import { stepProgress } from './bench-load'
import type { Runnable } from './command'
import { parseFlags } from './flags'
import { interruptible } from './interruptible'

const usage = `Usage: jumpstarter bench survival [--quick] [--only STATE,…] [flags]

Serves the site with two workers and lets people browse, read a project, sign in, stay signed in
and pledge, while a project ends and is charged. Meanwhile, one after the other, something the site
needs is refused, hung, slowed down, emptied, killed, stopped, filled or set to another time. Each
cell of the table it makes is a promise, with the longest that anybody waited. All parts are the
bench's own, on this machine: Postgres and a replica, Redis (redis-server must be there), mail,
payments. For another time it takes faketime, for a full disk root: what cannot be tried here is
named. Exits with 1 when a promise was broken.

  --only STATE,…  some of: ${listed(states.map(({ id }) => id))}
  --quick         hold each for a moment, and give a busy machine four times the time
${benchFlagsUsage}`

/** In lines of the usage. */
function listed(ids: string[]): string {
  const lines = ['']
  for (const id of ids) {
    const last = lines.length - 1
    if (`${lines[last]} ${id},`.length > 70) lines.push('')
    lines[lines.length - 1] += ` ${id},`
  }
  return lines.join('\n                 ').trim().replace(/,$/, '')
}

const flags = {
  ...benchFlags,
  only: { type: 'string' },
  quick: { type: 'boolean' },
} as const

export const benchSurvival: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench survival', args, flags)
    const chosen = chosenStates(values.only)
    const { quick = false } = values
    if (!findInstrument('redis-server')) {
      throw new CommandError('bench survival needs redis-server: apt-get install redis-server.', 2)
    }
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const progress = stepProgress('Survival', chosen.length + 1)
    const command = ['jumpstarter bench survival', ...spokenFlags(args)].join(' ')
    return await interruptible(async (signal) => {
      await using stack = new AsyncDisposableStack()
      progress.report('starting all parts')
      const executable = embedded && process.execPath
      const rig = await openRig(stack, { embedded, cacheDirectory, executable, signal })
      const [row] = await rig.db.$client<{ version: string }[]>`
        select current_setting('server_version') as version`
      const scale = await databaseScale(rig.db)
      const rows = await runMatrix(rig, { states: chosen, quick, report: progress.report })
      progress.end()
      const about = { command, scale, postgres: row?.version ?? 'unknown', out: values.out }
      return await publish(rows, about)
    })
  },
}

/** Throws a CommandError for a state there is not. */
function chosenStates(only: string | undefined): readonly State[] {
  if (only === undefined) return states
  return only.split(',').map((id) => {
    const state = states.find((each) => each.id === id)
    if (state) return state
    const ids = states.map((each) => each.id)
    const near = suggest(id, ids)
    throw new CommandError(
      `There is no state ${id}${near ? `; did you mean ${near}?` : `: they are ${ids.join(', ')}.`}`,
      2,
    )
  })
}

interface About {
  command: string
  scale: { projects: number; people: number; pledges: number }
  postgres: string
  out: string | undefined
}

async function publish(found: Row[], { command, scale, postgres, out }: About): Promise<number> {
  const rows = survivalRows(found)
  const versions = { jumpstarter: program.version, bun: Bun.version, postgres }
  const paths = await writeReport(
    resultsDirectory(out),
    { bench: 'survival', command, scale, versions, rows, notes: [notes] },
    { markdown: survivalMarkdown(found), ...(await svgOf('survival', { rows, scale })) },
  )
  console.log(survivalText(found))
  console.log(`\nWritten: ${paths.join(', ')}`)
  return found.some((row) => row.notTried === undefined && !isKept(row)) ? 1 : 0
}

const notes =
  'Everything shares the machine: the site, Postgres (fsync and synchronous_commit on), Redis, the ' +
  'mail server, the payment provider and the people. Redis, mail and payments are behind passages ' +
  'of the bench, which refuse, hang or delay. A minute until a mail or a charge is tried again is ' +
  'passed by the bench.'

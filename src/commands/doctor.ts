import { readFileSync } from 'node:fs'
import { type Config, loadConfig } from '#config'
import { type Finding, problem, type Site, warning } from '#doctor/check'
import type { Examined } from '#doctor/examine'
import { examineSite } from '#doctor/examine-site'
import { type Asking, halved } from '#doctor/open-database'
import type { Embedded } from '#embedded'
import { CommandError } from '#lib/errors'
import { within } from '#lib/within'
import { program } from '#version'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags, servingFlags, servingSettings } from './flags'

const usage = `Usage: jumpstarter doctor [flags]

Looks at everything the site stands on, and says of each thing that is wrong why, and what to do. It
changes nothing, needs no running server, and takes the flags that serve would be given.

  --json                print {status, version, checks: [{name, status, reason?, findings:
                        [{gravity, cause, remedy}]}]}; status is ok, warning, problem or skipped
  --proxy-config FILE   look at the configuration of the proxy in front too (nginx, HAProxy, Caddy)
  --listen ADDRESS      as for serve, repeatable
  --workers N           as for serve
  --socket-mode MODE    as for serve
  --data DIRECTORY      as for serve
  --help                show this

Exits 0 when there is no problem (warnings are none), 1 when there is one, 2 for wrong settings.`

const flags = {
  ...servingFlags,
  json: { type: 'boolean' },
  'proxy-config': { type: 'string' },
} as const

const connectionsMax = 4
/** After a crash our own Postgres first reads its log. */
const startMs = 60_000

export const doctor: Command = {
  summary: 'say what is wrong with the site, and what to do',
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('doctor', args, flags)
    const config = loadConfig(servingSettings(values))
    const site = { config, proxy: readProxy(values['proxy-config']) }
    const { status, checks } = await examineSite(site, (asking) =>
      openOwn(config, embedded, asking),
    )
    if (values.json) {
      console.log(JSON.stringify({ status, version: program.version, checks }, null, 2))
    } else print(checks)
    return status === 'problem' ? 1 : 0
  },
}

function readProxy(file: string | undefined): Site['proxy'] {
  if (file === undefined) return undefined
  try {
    return { file, text: readFileSync(file, 'utf8') }
  } catch {
    throw new CommandError(`--proxy-config: cannot read ${file}.`, 2)
  }
}

/** Joins our own Postgres, or starts it for as long as it takes. */
async function openOwn(
  config: Config,
  embedded: Embedded | undefined,
  asking: Asking,
): Promise<Examined[] | Finding> {
  const applicationName = 'jumpstarter doctor'
  const surroundings = { config, embedded, applicationName, mustExist: true }
  const working = withDatabase({ ...surroundings, sessions: connectionsMax }, ({ db }) =>
    asking({ db, pages: null, direct: null }),
  )
  try {
    if (await within(working, startMs)) return await working
    return problem(
      `Our own Postgres has not come up within ${startMs / 1000} seconds.`,
      'Read postgres.log in the directory of --data.',
    )
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== 1) throw error
    const found = halved(error.message)
    // A site that has not been started yet is none that is broken.
    const isNew = found.cause.startsWith('There is no database in')
    return isNew ? warning(found.cause, found.remedy) : found
  }
}

const colours = { ok: 32, skipped: 90, warning: 33, problem: 31 }

function print(checks: readonly Examined[]): void {
  const isColoured = process.stdout.isTTY && Bun.enableANSIColors
  const label = (status: Examined['status']) => {
    const text = status.padEnd(7)
    return isColoured ? `\u001b[${colours[status]}m${text}\u001b[0m` : text
  }
  for (const { name, status, reason, findings } of checks) {
    console.log(`${label(status)}  ${name}${reason === undefined ? '' : ` (${reason})`}`)
    for (const { gravity, cause, remedy } of findings) {
      const mark = gravity === status ? '' : `${gravity}: `
      console.log(`         ${mark}${cause}\n         → ${remedy}`)
    }
  }
  const count = (wanted: Finding['gravity']) =>
    checks.flatMap(({ findings }) => findings).filter(({ gravity }) => gravity === wanted).length
  const [problems, warnings] = [count('problem'), count('warning')]
  console.log(
    problems + warnings === 0
      ? `\nNothing is wrong: ${checks.length} things looked at.`
      : `\nProblems: ${problems}, warnings: ${warnings}.`,
  )
}

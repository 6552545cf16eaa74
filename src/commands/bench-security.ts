import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { requireInstruments } from '#bench/load/instruments'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { securityMarkdown, securityRows, securityText } from '#bench/security/report'
import { type Attacked, attack, violationsOf } from '#bench/security/security'
import { proxyNames } from '#bench/security/smuggling'
import { loadConfig } from '#config'
import type { Db } from '#db/client'
import { demoScale } from '#seed/generate'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress } from './progress'

const requestsMax = 10_000_000
const seedMax = 2 ** 32 - 1
const scanSecondsMax = 86_400
const shownMax = 20
const usual = { requests: '20000', scan: '300' }
const quick = { requests: '2000', scan: '0' }

const usage = `Usage: jumpstarter bench security [--requests N] [--seed N] [--quick] [flags]

Attacks a server of its own, on a Postgres of its own: requests generated from the OpenAPI document,
rightly and wrongly; forms found by reading the site; requests that two parsers may read
differently, directly and through nginx, HAProxy and Caddy; wapiti and sqlmap. Exits with 1 when an
answer has a status of 5xx other than 503, tells how the program is built, or is no problem+json
where it should be one; when a second request was smuggled; when a scanner finds something high; or
when jumpstarter verify does not agree afterwards. Each failure is told as a line for curl.

  --requests N   to the API, and a quarter as many forms; by default ${usual.requests}
  --seed N       of what is drawn, to draw it again; by default another each time
  --scan N       seconds for wapiti and for sqlmap, at most; by default ${usual.scan}, 0 is neither
  --install      install what is missing with apt-get
  --quick        ${quick.requests} requests and no scanner
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  requests: { type: 'string' },
  seed: { type: 'string' },
  scan: { type: 'string' },
  install: { type: 'boolean' },
  quick: { type: 'boolean' },
} as const

export const benchSecurity: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench security', args, flags)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const text = { ...usual, ...(values.quick ? quick : {}), ...values }
    const requests = wholeNumber('--requests', text.requests, 1, requestsMax)
    const scanSeconds = wholeNumber('--scan', text.scan, 0, scanSecondsMax)
    const seed = wholeNumber('--seed', values.seed ?? `${Date.now() % seedMax}`, 0, seedMax)
    const scanners = scanSeconds > 0 ? (['wapiti', 'sqlmap'] as const) : []
    await requireInstruments({
      ...{ command: 'bench security', needed: [...proxyNames, ...scanners] },
      ...{ install: values.install ?? false, say: console.error },
    })
    console.error(`Seed ${seed}. Starting a Postgres of our own …`)
    const fill = (db: Db) => fillDemo(db, scale)
    return await interruptible((signal) =>
      withOwnPostgres({ embedded, cacheDirectory, fill, logLevel: 'silent' }, async (handle) => {
        const { db, url, version } = await handle.withSettings({})
        const progress = createProgress('Attacking')
        const attacked = await attack({
          ...{ db, databaseUrl: url, requests, seed, scanSeconds, signal },
          ...{ executable: embedded && process.execPath, report: progress.report },
        })
        progress.end()
        const command = ['jumpstarter bench security', ...spokenFlags(args)].join(' ')
        return await publish(attacked, { db, version, command, out: values.out })
      }),
    )
  },
}

const scale = { ...demoScale, people: 500, projects: 200, pledges: 4_000 }

interface About {
  db: Db
  version: string
  command: string
  out: string | undefined
}

async function publish(attacked: Attacked, { db, version, command, out }: About): Promise<number> {
  const violations = violationsOf(attacked)
  const rows = securityRows(attacked)
  const scale = await databaseScale(db)
  const versions = Object.fromEntries(attacked.scans.map(({ tool, version }) => [tool, version]))
  const paths = await writeReport(
    resultsDirectory(out),
    {
      ...{ bench: 'security', command, scale, rows },
      versions: { jumpstarter: program.version, bun: Bun.version, postgres: version, ...versions },
      notes: [notes, ...violations.slice(0, shownMax)],
    },
    { markdown: securityMarkdown(attacked), ...(await svgOf('security', { rows, scale })) },
  )
  console.log(securityText(attacked))
  for (const sentence of violations.slice(0, shownMax)) console.log(sentence)
  for (const line of attacked.errors) console.error(line)
  console.log(`\nWritten: ${paths.join(', ')}`)
  return violations.length > 0 ? 1 : 0
}

const notes =
  'A server of one worker with pages kept in memory, on TCP and a Unix socket, logging everything; ' +
  'limits on how often one may ask begin anew every few hundred requests.'

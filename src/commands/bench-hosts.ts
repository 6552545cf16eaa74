import { failoverSteps, proveFailovers, type WaysFailover } from '#bench/hosts/failovers'
import { climb, climbSteps } from '#bench/hosts/ladder'
import { removeLeftovers } from '#bench/hosts/leftovers'
import { requireNamespaces } from '#bench/hosts/network'
import { findPatroniPostgres } from '#bench/hosts/patroni'
import { promisesSteps, provePromises } from '#bench/hosts/promises'
import {
  allViolations,
  type HostsFindings,
  hostsMarkdown,
  hostsRows,
  hostsText,
} from '#bench/hosts/report'
import { openRig, type RigOptions, rigSteps } from '#bench/hosts/rig'
import { findInstrument, type Instrument, requireInstruments } from '#bench/load/instruments'
import { svgOf } from '#bench/page/report'
import { databaseScale, type Report, writeReport } from '#bench/report'
import { type Confinement, openConfinement, periodUsOf } from '#bench/scale/cgroup'
import { loadConfig } from '#config'
import { plural } from '#lib/text'
import { program } from '#version'
import { resultsDirectory, spokenFlags } from './bench-flags'
import { flags, type HostsChoice, hostsChoice, usage } from './bench-hosts-flags'
import { say, stepProgress } from './bench-load'
import type { Runnable } from './command'
import { parseFlags } from './flags'
import { interruptible } from './interruptible'

const shownMax = 20

export const benchHosts: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench hosts', args, flags)
    const choice = hostsChoice(values)
    const { install = false, loopback = false } = values
    if (!loopback) requireNamespaces()
    await requirePrograms(choice, install)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const executable = embedded && process.execPath
    const left = await removeLeftovers()
    if (left.length > 0) say(`Removed what an earlier run has left: ${left.join(', ')}.`)
    const found = await interruptible((signal) => {
      const around = { hosts: choice.hosts, loopback, embedded, cacheDirectory, executable, signal }
      return measure(choice, around)
    })
    const command = ['jumpstarter bench hosts', ...spokenFlags(args)].join(' ')
    return await publish(found, { choice, command, out: values.out })
  },
}

async function requirePrograms({ only }: HostsChoice, install: boolean): Promise<void> {
  const around = { command: 'bench hosts', install, say }
  const needed: Instrument[] = [
    ...(only.includes('ladder') ? (['wrk'] as const) : []),
    ...(['haproxy', 'redis-server'] as const),
    ...(only.includes('failover') ? (['patroni', 'etcd', 'postgres'] as const) : []),
  ]
  const find = (name: Instrument) =>
    name === 'postgres' ? findPatroniPostgres() : findInstrument(name)
  await requireInstruments({ ...around, needed, find })
}

type Around = Omit<RigOptions, 'report'>

interface Found {
  findings: HostsFindings
  scale: Report['scale']
  /** Of what the rig ran on. */
  postgres: string
  /** What confined the hosts, in words. */
  confinement: string | undefined
}

async function measure(choice: HostsChoice, around: Around): Promise<Found> {
  const { only, failovers: count, hosts, rounds } = choice
  const isCut = !around.loopback
  const confinement = only.includes('ladder') ? confine() : undefined
  const progress = stepProgress(
    'Hosts',
    rigSteps +
      (confinement ? climbSteps(hosts, rounds) : 0) +
      (only.includes('promises') ? promisesSteps : 0) +
      (only.includes('failover') ? failoverSteps.start + failoverSteps.each * count : 0),
  )
  try {
    const onRig = await measureOnRig(choice, { ...around, report: progress.report }, confinement)
    let failovers: WaysFailover[] = []
    if (only.includes('failover')) {
      const fates = Array.from({ length: count }, (_, index) =>
        isCut && index % 2 === 1 ? 'cut off' : 'killed',
      )
      failovers = await proveFailovers({ ...around, ...choice, fates, report: progress.report })
    }
    progress.end()
    const { rungs, promised, ...about } = onRig
    return {
      ...{ findings: { rungs, promised, failovers }, ...about },
      confinement: confinement?.description,
    }
  } finally {
    confinement?.close()
  }
}

const confine = () => openConfinement(undefined, undefined, 'bench hosts')

async function measureOnRig(
  choice: HostsChoice,
  options: RigOptions,
  confinement: Confinement | undefined,
) {
  await using stack = new AsyncDisposableStack()
  const rig = await openRig(stack, options)
  const [row] = await rig.db.$client<{ version: string }[]>`
    select current_setting('server_version') as version`
  const around = { ...choice, ...options }
  return {
    rungs: confinement ? await climb(rig, { ...around, confinement }) : [],
    promised: choice.only.includes('promises') ? await provePromises(rig, around) : [],
    scale: await databaseScale(rig.db),
    postgres: row?.version ?? 'unknown',
  }
}

interface About {
  choice: HostsChoice
  command: string
  out: string | undefined
}

async function publish(found: Found, { choice, command, out }: About): Promise<number> {
  const { findings, scale, postgres } = found
  const rows = hostsRows(findings)
  const violations = allViolations(findings)
  const paths = await writeReport(
    resultsDirectory(out),
    {
      ...{ bench: 'hosts', command, scale, rows },
      versions: { jumpstarter: program.version, bun: Bun.version, postgres },
      notes: [...notesOf(found, choice), ...violations.slice(0, shownMax)],
    },
    { markdown: hostsMarkdown(findings), ...(await svgOf('hosts', { rows, scale })) },
  )
  console.log(hostsText(findings))
  for (const sentence of violations.slice(0, shownMax)) console.log(sentence)
  console.log(`\nWritten: ${paths.join(', ')}`)
  return violations.length > 0 ? 1 : 0
}

const notesOf = (
  { findings, confinement }: Found,
  { share, connections, rounds, seconds, warmUpSeconds, seed }: HostsChoice,
) => [
  'All hosts are on one machine, which also has HAProxy, Postgres, Redis and whoever asks. Each has ' +
    'a network namespace of its own, and a cable is pulled by taking down the port of the bridge.',
  ...(confinement
    ? [
        `Each host of the ladder has one worker, makes every page anew, and is confined to ` +
          `${Math.round(share * 100)}% of a core in periods of ${periodUsOf(share) / 1000} ms by ` +
          `${confinement}, so that hosts are the limit and not the machine or the database. ` +
          `${connections} connections of wrk for each host; ${plural(rounds, 'round')}, up and down ` +
          `in turns, ${warmUpSeconds} s of warm-up and ${seconds} s measured. Figures are medians.`,
      ]
    : []),
  ...(findings.failovers.length > 0
    ? [
        'Failover is by Patroni with synchronous_mode and etcd, on Debian’s Postgres; a lease of the ' +
          'primary lasts 5 s, where 30 s are usual, so that promotions here come sooner. Seed ' +
          `${seed}.`,
      ]
    : []),
]

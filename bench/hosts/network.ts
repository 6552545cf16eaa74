import { CommandError } from '#lib/errors'
import { findInstrument } from '../load/instruments'
import { runDirectoryOf, runName } from './leftovers'

/** One machine of the rig, as far as the network goes. */
export interface Machine {
  name: string
  /** IPv4, its own. */
  address: string
  /** The words before a command that runs there. */
  within: readonly string[]
  /** Pulls its cable: what is sent to or from it is lost without a word. */
  cut(): void
  heal(): void
}

export interface Network {
  /** False on loopback addresses, where nothing can be cut. */
  canCut: boolean
  /** Where this process is to be reached from the machines. */
  ownAddress: string
  /** For files of the machines; anybody may pass through. Removed with the network. */
  directory: string
  add(name: string): Machine
  close(): Promise<void>
}

/** Of RFC 2544, for benchmarks: nobody routes it. The third number tells rigs from each other. */
const prefix = '198.18'
const loopbackPrefix = '127.18'
const nets = 256
const tries = 8

/**
 * A network of its own: namespaces joined by a bridge, which is in a namespace too, so that no
 * firewall of this machine looks at it. `requireNamespaces` says whether that is permitted.
 */
export async function openNetwork({ loopback = false } = {}): Promise<Network> {
  const name = runName()
  const directory = await runDirectoryOf(name)
  if (loopback) return openLoopback(directory)
  const hub = `${name}-hub`
  const names = [hub]
  const close = async () => {
    // Interfaces go with the namespace at either of their ends.
    for (const each of names) run(['netns', 'del', each])
    await directory.remove()
  }
  must(['netns', 'add', hub])
  try {
    must(['-n', hub, 'link', 'add', 'hub', 'type', 'bridge'])
    must(['-n', hub, 'link', 'set', 'hub', 'up'])
    const net = joinHub(hub)
    const add = (machine: string): Machine => {
      const index = names.length + 1
      const namespace = `${name}-${machine}`
      const port = `to${index}`
      const address = `${prefix}.${net}.${index}`
      must(['netns', 'add', namespace])
      names.push(namespace)
      const far = ['peer', 'name', 'eth0', 'netns', namespace]
      must(['link', 'add', port, 'netns', hub, 'type', 'veth', ...far])
      must(['-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0'])
      for (const link of ['lo', 'eth0']) must(['-n', namespace, 'link', 'set', link, 'up'])
      must(['-n', hub, 'link', 'set', port, 'master', 'hub', 'up'])
      return {
        ...{ name: machine, address, within: [ip(), 'netns', 'exec', namespace] },
        cut: () => must(['-n', hub, 'link', 'set', port, 'down']),
        heal: () => must(['-n', hub, 'link', 'set', port, 'up']),
      }
    }
    return {
      ...{ canCut: true, ownAddress: `${prefix}.${net}.1`, directory: directory.path, add, close },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Joins this process to the bridge, with the address 1 of a net that nobody else has. */
function joinHub(hub: string): number {
  for (let attempt = 1; ; attempt++) {
    const net = Math.floor(Math.random() * nets)
    const link = `jumprig${net}`
    const far = ['peer', 'name', 'outside', 'netns', hub]
    const problem = run(['link', 'add', link, 'type', 'veth', ...far])
    if (problem !== undefined) {
      if (attempt < tries) continue
      throw new CommandError(`The network of the hosts cannot be made: ${problem}`)
    }
    must(['address', 'add', `${prefix}.${net}.1/24`, 'dev', link])
    must(['link', 'set', link, 'up'])
    must(['-n', hub, 'link', 'set', 'outside', 'master', 'hub', 'up'])
    return net
  }
}

function openLoopback(directory: { path: string; remove(): Promise<void> }): Network {
  const net = Math.floor(Math.random() * nets)
  let count = 1
  const refuse = () => {
    throw new CommandError('On loopback addresses no link can be cut: run it without --loopback.')
  }
  const add = (name: string): Machine => ({
    ...{ name, address: `${loopbackPrefix}.${net}.${++count}`, within: [] },
    ...{ cut: refuse, heal: refuse },
  })
  const ownAddress = '127.0.0.1'
  return { canCut: false, ownAddress, directory: directory.path, add, close: directory.remove }
}

/** Throws a CommandError, for exit code 2, where there can be no namespaces. */
export function requireNamespaces(): void {
  const refusal = refusalOfNamespaces()
  if (refusal === undefined) return
  throw new CommandError(
    `bench hosts gives each host a network namespace, and cannot here: ${refusal}. ` +
      'Run it as root, or with --loopback, where no link is cut.',
    2,
  )
}

/** Why there can be no namespaces; undefined where there can. */
function refusalOfNamespaces(): string | undefined {
  if (process.platform !== 'linux' || findInstrument('ip') === null) {
    return 'there is no ip (of iproute2)'
  }
  if (process.getuid?.() !== 0) return 'that takes root'
  const probe = `${runName()}-probe`
  const problem = run(['netns', 'add', probe])
  if (problem !== undefined) return problem
  const bridge = run(['-n', probe, 'link', 'add', 'hub', 'type', 'bridge'])
  run(['netns', 'del', probe])
  return bridge
}

const ip = () => findInstrument('ip') ?? 'ip'

/** What is wrong, if anything. */
function run(words: readonly string[]): string | undefined {
  const done = Bun.spawnSync([ip(), ...words], { stdout: 'ignore', stderr: 'pipe' })
  if (done.success) return undefined
  const [line = ''] = done.stderr.toString().trim().split('\n')
  return line || `ip ${words.join(' ')} ended with ${done.exitCode}`
}

function must(words: readonly string[]): void {
  const problem = run(words)
  if (problem !== undefined) throw new CommandError(`ip ${words.join(' ')}: ${problem}`)
}

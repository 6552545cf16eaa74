import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from '#server/ask'
import { installPackages } from '#testing/packages'
import { eventually, isAlive } from '#testing/start-tiny-server'
import { removeLeftovers } from './leftovers'
import { type Machine, type Network, openNetwork } from './network'
import { type Service, startService } from './processes'

setDefaultTimeout(60_000)

const isRoot = process.getuid?.() === 0
const port = 9655
const server = (text: string, address: string) =>
  `Bun.serve({ hostname: '${address}', port: ${port}, fetch: () => new Response('${text}') })`

const serve = (machine: Machine, network: Network): Service =>
  startService({
    ...{ machine, name: machine.name, directory: network.directory },
    command: [process.execPath, '-e', server(machine.name, machine.address)],
  })

const answerOf = async ({ address: host }: Machine) =>
  (await ask({ host, port }, '/').catch(() => undefined))?.body

const exists = ({ within }: Machine) => existsSync(join('/run/netns', within.at(-1) ?? ''))

test('on the loopback machines have addresses of their own, and no cable', async () => {
  const network = await openNetwork({ loopback: true })
  const machines = [network.add('one'), network.add('two')]
  const services = machines.map((machine) => serve(machine, network))
  try {
    await eventually(async () => {
      expect(await Promise.all(machines.map(answerOf))).toEqual(['one', 'two'])
    })
    expect(() => machines[0]?.cut()).toThrow('run it without --loopback')
  } finally {
    await Promise.all(services.map((service) => service.stop()))
    await network.close()
  }
  expect(existsSync(network.directory)).toBe(false)
})

describe.if(isRoot)('in namespaces', () => {
  test('a cable is pulled and plugged in, and all of it goes', async () => {
    await installPackages({ ip: 'iproute2' })
    const network = await openNetwork()
    const [one, two] = [network.add('one'), network.add('two')] as const
    const services = [one, two].map((machine) => serve(machine, network))
    try {
      await eventually(async () => {
        expect([await answerOf(one), await answerOf(two)]).toEqual(['one', 'two'])
      })
      // Nobody else hears of it.
      const asked = Bun.spawnSync([...one.within, 'ip', '-o', 'address'])
      expect(asked.stdout.toString()).toContain(one.address)
      expect(asked.stdout.toString()).not.toContain(two.address)
      one.cut()
      expect([await answerOf(one), await answerOf(two)]).toEqual([undefined, 'two'])
      one.heal()
      await eventually(async () => expect(await answerOf(one)).toBe('one'))
      const pids = services.flatMap((service) => service.pids())
      await services[0]?.kill()
      expect(services[0]?.runs()).toBe(false)
      await services[1]?.stop()
      expect(pids.filter(isAlive)).toEqual([])
    } finally {
      await Promise.all(services.map((service) => service.stop()))
      await network.close()
    }
    expect([exists(one), exists(two), existsSync(network.directory)]).toEqual([false, false, false])
  })

  test('what a killed run has left is ended and removed, and nothing of a running one', async () => {
    const own = await openNetwork()
    const machine = own.add('own')
    const service = serve(machine, own)
    const file = join(own.directory, 'left.ts')
    await Bun.write(
      file,
      `import { openNetwork } from '${import.meta.dir}/network'
      import { startService } from '${import.meta.dir}/processes'
      const network = await openNetwork()
      const machine = network.add('left')
      const sleep = { machine, name: 'left', directory: network.directory }
      const { pids } = startService({ ...sleep, command: ['sleep', '1000'] })
      await Bun.sleep(200)
      console.log(JSON.stringify([machine.within.at(-1), network.directory, pids()[0]]))
      process.kill(process.pid, 'SIGKILL')`,
    )
    try {
      const child = Bun.spawnSync([process.execPath, file], { cwd: import.meta.dir })
      const [namespace, directory, pid] = JSON.parse(child.stdout.toString())
      expect([isAlive(pid), existsSync(directory)]).toEqual([true, true])
      const removed = await removeLeftovers()
      expect(removed).toContain(namespace)
      await eventually(() => expect(isAlive(pid)).toBe(false))
      expect([existsSync(directory), existsSync(`/run/netns/${namespace}`)]).toEqual([false, false])
      expect([exists(machine), service.runs()]).toEqual([true, true])
    } finally {
      await service.stop()
      await own.close()
    }
  })
})

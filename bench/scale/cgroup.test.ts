import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import { type Confinement, openConfinement, periodUsOf } from './cgroup'
import { findHierarchy } from './hierarchy'

describe('the hierarchy', () => {
  const systemd = '28 24 0:25 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd'
  const unified = '29 24 0:26 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw'

  test('of version 1, both controllers in one or in two', () => {
    const together =
      '30 24 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:7 - cgroup cgroup rw,cpu,cpuacct'
    const memberships = '9:name=systemd:/user\n4:cpu,cpuacct:/user.slice\n0::/user\n'
    const own = '/sys/fs/cgroup/cpu,cpuacct/user.slice'
    expect(findHierarchy([systemd, unified, together].join('\n'), memberships)).toEqual({
      ...{ version: 1, cpu: own, cpuacct: own },
    })
    const apart = [
      '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu',
      '33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct',
    ]
    expect(findHierarchy([...apart, unified].join('\n'), '2:cpuacct:/a\n1:cpu:/\n')).toEqual({
      ...{ version: 1, cpu: '/sys/fs/cgroup/cpu', cpuacct: '/sys/fs/cgroup/cpuacct/a' },
    })
  })

  test('of version 2, our group and all above it', () => {
    const only = '29 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate'
    expect(findHierarchy(only, '0::/user.slice/run-1.scope\n')).toEqual({
      version: 2,
      groups: [
        ...['/sys/fs/cgroup/user.slice/run-1.scope', '/sys/fs/cgroup/user.slice', '/sys/fs/cgroup'],
      ],
    })
    expect(findHierarchy([systemd, only].join('\n'), '0::/\n')).toEqual({
      ...{ version: 2, groups: ['/sys/fs/cgroup'] },
    })
  })

  test('in a container, which sees a part of it', () => {
    const part = '29 24 0:26 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup rw'
    const groups = (path: string) => {
      const found = findHierarchy(part, `0::${path}\n`)
      return found?.version === 2 ? found.groups : undefined
    }
    expect(groups('/docker/1')).toEqual(['/sys/fs/cgroup'])
    expect(groups('/docker/1/own')).toEqual(['/sys/fs/cgroup/own', '/sys/fs/cgroup'])
    expect(groups('/../2')).toEqual(['/sys/fs/cgroup'])
  })

  test('that is not mounted is none', () => {
    expect(findHierarchy('22 1 0:20 / /proc rw - proc proc rw', '')).toBeUndefined()
    expect(findHierarchy(systemd, '9:name=systemd:/\n')).toBeUndefined()
  })
})

/** As the kernel would have them, in ordinary directories. */
describe('files', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'jumpstarter-cgroup-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const remove = (path: string) => rmSync(path, { recursive: true })
  const file = (...names: string[]) => readFileSync(join(root, ...names), 'utf8')
  const group = (path: string, files: Record<string, string>) => {
    mkdirSync(join(root, path), { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, path, name), text)
  }

  test('of version 1: period before quota, in both hierarchies', async () => {
    const [cpu, cpuacct] = [join(root, 'cpu'), join(root, 'cpuacct')]
    group('cpu', {})
    group('cpuacct', {})
    const confinement = openConfinement({ version: 1, cpu, cpuacct }, remove)
    expect(existsSync(join(cpu, `jumpstarter-probe-${process.pid}`))).toBe(false)
    const made = confinement.create('one')
    made.confine(() => [process.pid], 0.05)
    expect(file('cpu', 'one', 'cpu.cfs_period_us')).toBe('20000')
    expect(file('cpu', 'one', 'cpu.cfs_quota_us')).toBe('1000')
    for (const part of ['cpu', 'cpuacct']) {
      expect(file(part, 'one', 'cgroup.procs')).toBe(`${process.pid}`)
    }
    writeFileSync(join(cpuacct, 'one', 'cpuacct.usage'), '1234567\n')
    writeFileSync(join(cpu, 'one', 'cpu.stat'), 'nr_periods 9\nnr_throttled 7\nthrottled_time 5\n')
    expect(made.usage()).toEqual({ usedUs: 1234.567, periods: 9, throttled: 7 })
    made.release()
    expect(file('cpu', 'one', 'cpu.cfs_quota_us')).toBe('-1')
    await made.remove()
    expect([cpu, cpuacct].map((path) => existsSync(join(path, 'one')))).toEqual([false, false])
  })

  const usual = { 'cgroup.controllers': 'cpuset cpu io\n', 'cgroup.subtree_control': '' }

  test('of version 2: the nearest group without processes, which gives the controller on', async () => {
    group('.', { ...usual, 'cgroup.procs': '1\n2\n' })
    group('user', { ...usual, 'cgroup.type': 'domain\n', 'cgroup.procs': '' })
    group('user/run', { ...usual, 'cgroup.type': 'domain\n', 'cgroup.procs': '77\n' })
    const groups = ['user/run', 'user', '.'].map((path) => join(root, path))
    const confinement = openConfinement({ version: 2, groups }, remove)
    expect(confinement.description).toBe(`cgroup v2 in ${join(root, 'user')}`)
    expect(file('user', 'cgroup.subtree_control')).toBe('+cpu')
    expect(file('user', 'run', 'cgroup.subtree_control')).toBe('')
    const made = confinement.create('one')
    made.confine(() => [process.pid], 0.25)
    expect(file('user', 'one', 'cpu.max')).toBe('2500 10000')
    expect(file('user', 'one', 'cgroup.procs')).toBe(`${process.pid}`)
    writeFileSync(
      join(root, 'user', 'one', 'cpu.stat'),
      'usage_usec 500\nuser_usec 400\nsystem_usec 100\nnr_periods 4\nnr_throttled 3\n',
    )
    expect(made.usage()).toEqual({ usedUs: 500, periods: 4, throttled: 3 })
    made.release()
    expect(file('user', 'one', 'cpu.max')).toBe('max 10000')
    await made.remove()
    expect(existsSync(join(root, 'user', 'one'))).toBe(false)
    confinement.close()
    expect(file('user', 'cgroup.subtree_control')).toBe('-cpu')
  })

  test('of version 2: the root may have processes, and what was given on already stays', () => {
    group('.', { ...usual, 'cgroup.subtree_control': 'cpu memory\n', 'cgroup.procs': '1\n' })
    const confinement = openConfinement({ version: 2, groups: [root] }, remove)
    confinement.close()
    expect(file('cgroup.subtree_control')).toBe('cpu memory\n')
  })

  test('of version 2: where none will do, every reason is named', () => {
    const domain = { 'cgroup.type': 'domain\n', 'cgroup.procs': '' }
    group('.', { 'cgroup.controllers': 'hugetlb\n', 'cgroup.subtree_control': '' })
    group('a', { ...usual, ...domain, 'cgroup.procs': '77\n' })
    const groups = [join(root, 'a'), root]
    const opening = () => openConfinement({ version: 2, groups }, remove)
    expect(opening).toThrow(CommandError)
    expect(opening).toThrow(
      `cannot here: ${root}/a/cgroup.procs is not empty; ` +
        `${root}/cgroup.controllers does not name cpu. Run it as root`,
    )
  })

  test('that cannot be made are named', () => {
    const nowhere = join(root, 'nowhere')
    const opening = () => openConfinement({ version: 1, cpu: nowhere, cpuacct: nowhere }, remove)
    expect(opening).toThrow(CommandError)
    expect(opening).toThrow(`mkdir '${nowhere}/jumpstarter-probe-${process.pid}'`)
  })
})

test('a quota is never less than the kernel takes', () => {
  expect([0.5, 0.1, 0.05, 0.01].map(periodUsOf)).toEqual([10_000, 10_000, 20_000, 100_000])
})

/** Why this machine does not permit it; undefined when it does. */
function refusalHere(): string | undefined {
  try {
    openConfinement().close()
    return undefined
  } catch (error) {
    if (error instanceof CommandError) return error.message
    throw error
  }
}

const refused = refusalHere()
if (refused !== undefined) console.error(`Not tested: ${refused}`)

describe.if(refused === undefined)('a real group', () => {
  let confinement: Confinement
  beforeEach(() => {
    confinement = openConfinement()
  })
  afterEach(() => confinement.close())

  test('keeps a busy tree at its share of a core, children started later too, and goes', async () => {
    const group = confinement.create(`jumpstarter-test-${process.pid}`)
    // Its child begins only after it was confined.
    const shell = 'sleep 0.3; sh -c "while :; do :; done" & while :; do :; done'
    const child = Bun.spawn(['sh', '-c', shell], { detached: true })
    try {
      group.confine(() => [child.pid], 0.1)
      await Bun.sleep(500)
      const [before, startedAt] = [group.usage(), performance.now()]
      await Bun.sleep(2_000)
      const after = group.usage()
      const share = (after.usedUs - before.usedUs) / 1000 / (performance.now() - startedAt)
      // Of a machine that is busy otherwise it may get less.
      expect(share).toBeGreaterThan(0.03)
      expect(share).toBeLessThan(0.11)
      expect(after.periods - before.periods).toBeGreaterThan(100)
      expect(after.throttled - before.throttled).toBeGreaterThan(20)
      group.release()
      await Bun.sleep(100)
      const free = group.usage()
      await Bun.sleep(500)
      expect(group.usage().throttled).toBe(free.throttled)
      expect(group.usage().usedUs).toBeGreaterThan(free.usedUs)
    } finally {
      process.kill(-child.pid, 'SIGKILL')
      await child.exited
      await group.remove()
    }
    const again = confinement.create(`jumpstarter-test-${process.pid}`)
    await again.remove()
  })
})

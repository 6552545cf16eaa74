import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cp, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Authority, authorityName, startAuthority } from '#testing/acme'
import { follow, readGuide, stepsOf, typeSteps } from '#testing/guides'
import { bootDebian, type Machine } from '#testing/machine'
import { testRelease } from '#testing/release'
import { keepAsking, siteAt } from '#testing/site'
import { eventually } from '#testing/start-tiny-server'
import { visitor } from '#testing/visitor'

// The documents as a stranger follows them: every command of them is typed, as it stands there and
// in its order, into a bare Debian under its own systemd, whose only way out are Debian's packages
// and an authority for certificates.

setDefaultTimeout(600_000)

const name = 'crowd.example'
let machine: Machine
let authority: Authority
const onlyRoot = test.if(process.getuid?.() === 0)

beforeAll(async () => {
  if (process.getuid?.() !== 0) return
  const [booted, { files }] = await Promise.all([bootDebian(), testRelease()])
  machine = booted
  const { root, address, hostAddress } = machine
  authority = await startAuthority({
    ...{ directory: join(root, '..'), hostname: hostAddress, names: { [name]: address } },
  })
  const names = `${address} ${name}\n${hostAddress} ${authorityName}\n`
  await typed(`cat >> /etc/hosts <<'END'\n${names}END`)
  await mkdir(join(root, 'usr/local/share/ca-certificates'), { recursive: true })
  await Bun.write(join(root, 'usr/local/share/ca-certificates/authority.crt'), authority.root)
  const [file = ''] = files.filter((each) => each.endsWith('.deb'))
  await cp(file, join(root, 'root', basename(file)))
})

afterAll(async () => {
  await authority?.stop()
  await machine?.stop()
})

const site = () => siteAt(machine.address, name)

/** What a script prints in the machine. Throws an Error with that when it fails. */
async function typed(script: string): Promise<string> {
  const { exitCode, output } = await machine.type(script)
  if (exitCode !== 0) throw new Error(`${script}\nended with ${exitCode}: ${output}`)
  return output
}

async function expectServed(): Promise<void> {
  const page = await site().get('/')
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('</html>')
}

/** What follows goes on from there. */
let isInstalled = false
const afterwards = (what: string, work: () => Promise<void>) =>
  onlyRoot(what, async () => {
    if (!isInstalled) throw new Error('INSTALL.md has not been followed to its end')
    await work()
  })

onlyRoot('INSTALL.md: from a bare Debian to a site', async () => {
  expect(await follow(machine, 'INSTALL.md')).toBeGreaterThan(10)
  await expectServed()
  const plain = await fetch(`http://${machine.address}/discover`, {
    headers: { host: name },
    redirect: 'manual',
  })
  expect(plain.headers.get('location')).toBe(`https://${name}/discover`)

  const you = visitor(site())
  const [email, password] = ['you@crowd.example', 'seventeen quiet otters']
  expect((await you.post('/sign-in', { email, password })).status).toBe(303)
  expect((await you.get('/staff/performance')).status).toBe(200)
  expect((await visitor(site()).get('/staff/performance')).status).toBe(303)

  const tar = (await typed('ls /var/backups/jumpstarter')).trim()
  expect(tar).toMatch(/^jumpstarter-\d{8}T\d{9}Z\.tar$/)
  expect(await typed('stat -c "%a %U" /var/backups/jumpstarter/*')).toBe('600 jumpstarter\n')
  expect((await site().get('/metrics')).status).toBe(404)
  isInstalled = true
})

/** What Prometheus answers. */
async function prometheus(path: string) {
  const script = `apt-get install --yes curl > /dev/null 2>&1
    curl --silent --globoff 'http://127.0.0.1:9090/api/v1/${path}'`
  return JSON.parse(await typed(script)).data
}

afterwards(
  'it is watched: Prometheus has its figures, and every rule can be evaluated',
  async () => {
    await eventually(async () => {
      const { activeTargets } = await prometheus('targets')
      const health = activeTargets.map((target: Record<string, { job: string }>) => [
        ...[target['labels']?.job, target['health']],
      ])
      expect(health.sort()).toEqual([
        ['jumpstarter', 'up'],
        ['node', 'up'],
        ['prometheus', 'up'],
      ])
      const { groups } = await prometheus('rules')
      const states = groups[0].rules.map((rule: { health: string }) => rule.health)
      expect(new Set(states)).toEqual(new Set(['ok']))
    }, 60_000)
    const { result } = await prometheus('query?query=jumpstarter_workers')
    expect(Number(result[0].value[1])).toBeGreaterThan(0)
    for (const port of [9090, 9100, 9464, 3000, 5432, 6379]) {
      await expect(fetch(`http://${machine.address}:${port}/`)).rejects.toThrow()
    }
  },
)

afterwards('it is started again and reloaded without a failed request', async () => {
  const asking = keepAsking(site())
  await eventually(() => expect(asking.answered()).toBeGreaterThan(50), 30_000)
  for (const verb of ['restart', 'reload', 'restart', 'restart', 'reload']) {
    await typed(`systemctl ${verb} jumpstarter`)
    const before = asking.answered()
    await eventually(() => expect(asking.answered()).toBeGreaterThan(before + 50), 30_000)
  }
  // The package of another version, which takes over by itself.
  await typed('apt-get install --yes --reinstall ./jumpstarter_*.deb')
  await eventually(async () => expect(await typed('jumpstarter healthcheck')).toContain('ok'))
  const { failures, answers } = await asking.stop()
  expect({ failures, enough: answers > 500 }).toEqual({ failures: [], enough: true })
  const log = await typed('journalctl --unit jumpstarter --output cat')
  expect(log.split('\n').filter((line) => line.includes('ended unexpectedly'))).toEqual([])
})

afterwards('it is stopped without a failed request, and says at once that it is gone', async () => {
  const asking = keepAsking(site())
  await eventually(() => expect(asking.answered()).toBeGreaterThan(50), 30_000)
  await typed('systemctl stop jumpstarter')
  // Whoever came later was told by nginx; nothing was cut.
  const { failures } = await asking.stop()
  expect(failures.filter((failure) => !failure.endsWith(' 502'))).toEqual([])
  const begun = performance.now()
  expect((await site().get('/')).status).toBe(502)
  expect(performance.now() - begun).toBeLessThan(5_000)
  await typed('systemctl start jumpstarter')
  await expectServed()
})

afterwards('BACKUP.md', async () => {
  await follow(machine, 'BACKUP.md')
  await expectServed()
  const you = visitor(site())
  const fields = { email: 'you@crowd.example', password: 'seventeen quiet otters' }
  expect((await you.post('/sign-in', fields)).status).toBe(303)
})

afterwards('UPGRADE.md, without a failed request', async () => {
  const asking = keepAsking(site())
  await follow(machine, 'UPGRADE.md')
  const { failures } = await asking.stop()
  expect(failures).toEqual([])
})

/** What no restart fails, as PROXIES.md has it. */
function waiting(proxy: string, listeners: string): 'all' | 'reads' | 'nothing' {
  if (proxy === 'Caddy') return 'reads'
  return proxy === 'nginx' && listeners === 'Unix sockets' ? 'all' : 'nothing'
}

async function restartBehind(proxy: string, asked: 'all' | 'reads'): Promise<void> {
  const asking = keepAsking(site(), asked)
  await eventually(() => expect(asking.answered()).toBeGreaterThan(50), 30_000)
  await typed('systemctl restart jumpstarter')
  const before = asking.answered()
  await eventually(() => expect(asking.answered()).toBeGreaterThan(before + 50), 30_000)
  const { failures } = await asking.stop()
  expect({ proxy, failures }).toEqual({ proxy, failures: [] })
}

describe('PROXIES.md', () => {
  const headings = ['nginx', 'HAProxy', 'Caddy']
  const steps = stepsOf(readGuide('PROXIES.md'))
  const part = (heading: string) => steps.filter((step) => step.heading === heading)

  test('each block stands under a heading that is followed', () => {
    const all = ['Unix sockets', 'TCP', ...headings]
    expect([...new Set(steps.map(({ heading }) => heading))]).toEqual(all)
  })

  for (const listeners of ['TCP', 'Unix sockets']) {
    for (const proxy of headings) {
      afterwards(`${proxy}, ${listeners}`, async () => {
        if (proxy === headings[0]) await typeSteps(machine, 'PROXIES.md', part(listeners))
        await typeSteps(machine, 'PROXIES.md', part(proxy))
        await eventually(expectServed, 30_000)
        const answer = await site().get('/no/such/page')
        expect(answer.status).toBe(404)
        const form = { email: 'a@b.example', password: 'x' }
        const { status } = await visitor(site()).post('/sign-in', form)
        expect(status === 422 || status === 429).toBe(true)
        const kept = waiting(proxy, listeners)
        if (kept !== 'nothing') await restartBehind(proxy, kept)
      })
    }
  }
})

afterwards('MONITORING.md', async () => {
  await follow(machine, 'MONITORING.md')
  await typed('systemctl stop jumpstarter')
  try {
    await eventually(async () => {
      const { alerts } = await prometheus('alerts')
      const names = alerts.map((alert: { labels: { alertname: string } }) => alert.labels.alertname)
      expect(names).toContain('JumpstarterDown')
    }, 60_000)
  } finally {
    await typed('systemctl start jumpstarter')
  }
})

afterwards('TROUBLESHOOTING.md: what nginx says is what it says', async () => {
  await follow(machine, 'TROUBLESHOOTING.md')
  await typeSteps(
    machine,
    'PROXIES.md',
    stepsOf(readGuide('PROXIES.md')).filter(({ heading }) => heading === 'nginx'),
  )
  await typed('gpasswd --delete www-data jumpstarter && systemctl restart nginx')
  expect((await site().get('/')).status).toBe(502)
  await typed('usermod -aG jumpstarter www-data && systemctl restart nginx')
  await expectServed()
  await typed('systemctl stop jumpstarter')
  expect((await site().get('/')).status).toBe(502)
  await typed('systemctl start jumpstarter')
  const log = await typed('cat /var/log/nginx/error.log')
  for (const [, text = ''] of readGuide('TROUBLESHOOTING.md').matchAll(/^### `(connect.*)`$/gm)) {
    expect(log).toContain(text)
  }
})

afterwards('after a reboot all of it is there again', async () => {
  await machine.reboot()
  await eventually(expectServed, 60_000)
  expect(await typed('systemctl --failed --no-legend')).toBe('')
  expect(await typed('systemctl is-active jumpstarter-backup.timer prometheus')).not.toContain('in')
})

import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { findProgram, installPackages } from '#testing/packages'
import { type Run, run } from '#testing/program'
import { testRelease } from '#testing/release'
import { program } from '#version'
import { readLock } from './documents'

/** What a release for this kind of machine consists of; the other kind is made by the same code. */

// Lintian reads every byte, on a machine that is busy with other things.
setDefaultTimeout(240_000)
const releaseDeadlineMs = 600_000

const root = resolve(import.meta.dir, '..', '..')
const architecture = process.arch === 'arm64' ? 'arm64' : 'x64'
let directory: string
let unpacked: string
let files: string[]

const guides = [...new Bun.Glob('*.md').scanSync(join(root, 'src/documents')), 'SECURITY.md']

const made = (ending: string) => files.find((file) => file.endsWith(ending)) ?? ''
const tool = (name: string, ...words: string[]) => run([findProgram(name) ?? name, ...words])
const printed = async (result: Promise<Run>) => {
  const { exitCode, stdout, stderr } = await result
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}

beforeAll(async () => {
  const tools = { 'dpkg-deb': 'dpkg', lintian: 'lintian', shellcheck: 'shellcheck' }
  await installPackages({ ...tools, 'systemd-analyze': 'systemd' })
  ;({ directory, files } = await testRelease())
  unpacked = join(directory, 'unpacked')
  mkdirSync(unpacked)
  await printed(tool('dpkg-deb', '--raw-extract', made('.deb'), unpacked))
}, releaseDeadlineMs)

test('every file of it is in SHA256SUMS, and as that says', async () => {
  const checked = await run(['sha256sum', '--check', 'SHA256SUMS'], { cwd: directory })
  expect(checked).toMatchObject({ exitCode: 0, stderr: '' })
  expect(checked.stdout.trim().split('\n')).toEqual(
    files.filter((file) => !file.endsWith('SHA256SUMS')).map((file) => `${basename(file)}: OK`),
  )
})

describe('the Debian package', () => {
  test('has files that are all of root and for everybody, but for the settings', async () => {
    const listed = (await printed(tool('dpkg-deb', '--contents', made('.deb')))).trim().split('\n')
    const entries = listed.map((line) => {
      const [mode, owner, , , , path = ''] = line.split(/\s+/)
      return { mode, owner, path: path.slice(2) }
    })
    expect(entries.filter(({ owner }) => owner !== 'root/root')).toEqual([])
    const modes = Object.fromEntries(
      entries.flatMap(({ mode, path }) =>
        path === '' || path.endsWith('/') ? [] : [[path, mode]],
      ),
    )
    expect(modes).toEqual({
      'etc/jumpstarter/jumpstarter.env': '-rw-r-----',
      'usr/bin/jumpstarter': '-rwxr-xr-x',
      'usr/lib/systemd/system/jumpstarter-backup.service': '-rw-r--r--',
      'usr/lib/systemd/system/jumpstarter-backup.timer': '-rw-r--r--',
      'usr/lib/systemd/system/jumpstarter-gate.service': '-rw-r--r--',
      'usr/lib/systemd/system/jumpstarter-gate.socket': '-rw-r--r--',
      'usr/lib/systemd/system/jumpstarter.service': '-rw-r--r--',
      'usr/share/bash-completion/completions/jumpstarter': '-rw-r--r--',
      ...Object.fromEntries(
        guides.map((name) => [`usr/share/doc/jumpstarter/${name}`, '-rw-r--r--']),
      ),
      'usr/share/doc/jumpstarter/changelog.gz': '-rw-r--r--',
      'usr/share/doc/jumpstarter/copyright': '-rw-r--r--',
      'usr/share/doc/jumpstarter/sbom.cdx.json': '-rw-r--r--',
      'usr/share/fish/vendor_completions.d/jumpstarter.fish': '-rw-r--r--',
      'usr/share/lintian/overrides/jumpstarter': '-rw-r--r--',
      'usr/share/man/man1/jumpstarter.1.gz': '-rw-r--r--',
      'usr/share/zsh/vendor-completions/_jumpstarter': '-rw-r--r--',
    })
    const directories = entries.filter(({ path }) => path.endsWith('/'))
    expect(directories.filter(({ mode }) => mode !== 'drwxr-xr-x')).toEqual([])
  })

  test('says what it is and what it needs', async () => {
    const field = async (name: string) =>
      (await printed(tool('dpkg-deb', '--field', made('.deb'), name))).trim()
    expect(await field('Package')).toBe('jumpstarter')
    expect(await field('Version')).toBe(program.version)
    expect(await field('Architecture')).toBe({ x64: 'amd64', arm64: 'arm64' }[architecture])
    expect(await field('Depends')).toBe('libc6 (>= 2.27), adduser, debconf (>= 0.5) | debconf-2.0')
    expect(Number(await field('Installed-Size'))).toBeGreaterThan(100_000)
    const conffiles = readFileSync(join(unpacked, 'DEBIAN/conffiles'), 'utf8')
    expect(conffiles).toBe('/etc/jumpstarter/jumpstarter.env\n')
    const sums = await run(['md5sum', '--check', '--quiet', 'DEBIAN/md5sums'], { cwd: unpacked })
    expect(sums).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  test('has nothing that lintian holds against it', async () => {
    const words = ['--allow-root', '--fail-on', 'error,warning', made('.deb')]
    expect(await tool('lintian', ...words)).toMatchObject({ exitCode: 0, stdout: '' })
  })

  test('has scripts without a doubtful line', async () => {
    const scripts = ['postinst', 'prerm', 'postrm'].map((name) => join(unpacked, 'DEBIAN', name))
    const checked = await tool('shellcheck', ...scripts, join(import.meta.dir, 'smoke.sh'))
    expect(checked).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  test('has a unit that systemd takes, hardened but for what compiles JavaScript', async () => {
    const file = join(unpacked, 'usr/lib/systemd/system/jumpstarter.service')
    const unit = readFileSync(file, 'utf8')
    for (const line of [
      ...['Type=exec', 'User=jumpstarter', 'ExecReload=/bin/kill -USR2 $MAINPID'],
      'ExecStartPost=-/usr/bin/jumpstarter healthcheck --wait 60 --pid $MAINPID',
      ...['EnvironmentFile=-/etc/jumpstarter/jumpstarter.env', 'RuntimeDirectory=jumpstarter'],
      ...['StateDirectory=jumpstarter', 'NoNewPrivileges=yes', 'ProtectSystem=strict'],
    ]) {
      expect(unit).toContain(`\n${line}\n`)
    }
    expect(unit).toContain('# Not MemoryDenyWriteExecute: JavaScript is compiled while it runs.')
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute/m)
    // The program is not installed here; systemd looks for it where the tree has it.
    const units = join(directory, 'units')
    mkdirSync(units)
    for (const name of readdirSync(dirname(file))) {
      const text = readFileSync(join(dirname(file), name), 'utf8')
      const placed = text.replaceAll('/usr/bin/jumpstarter', `${unpacked}/usr/bin/jumpstarter`)
      await Bun.write(join(units, name), placed)
    }
    const here = join(units, 'jumpstarter.service')
    const names = readdirSync(units).map((name) => join(units, name))
    expect(names).toHaveLength(5)
    const verified = await tool('systemd-analyze', 'verify', '--man=no', ...names)
    const said = verified.stdout + verified.stderr
    expect(said.split('\n').filter((line) => line.includes('jumpstarter'))).toEqual([])
    const words = ['security', '--offline=true', '--threshold=40', here]
    expect(await tool('systemd-analyze', ...words)).toMatchObject({ exitCode: 0 })
  })

  test('has the program whole, which is what serves', async () => {
    const version = await run([join(unpacked, 'usr/bin/jumpstarter'), 'version', '--json'])
    expect(version).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(version.stdout)).toMatchObject({ version: program.version })
  })
})

test('the archive has the program, its documents and their sums', async () => {
  const words = ['--extract', '--gzip', `--file=${made('.tar.gz')}`, `--directory=${directory}`]
  await printed(tool('tar', ...words))
  const cwd = made('.tar.gz').replace('.tar.gz', '')
  const checked = await run(['sha256sum', '--check', 'SHA256SUMS'], { cwd })
  expect(checked).toMatchObject({ exitCode: 0, stderr: '' })
  const names = checked.stdout.trim().split('\n')
  for (const name of ['jumpstarter', 'LICENSE', 'README.md', 'sbom.cdx.json', 'jumpstarter.1']) {
    expect(names).toContain(`${name}: OK`)
  }
})

test('the bill of materials names every package of the lock, with version, licence and hash', async () => {
  const bill = await Bun.file(made('.cdx.json')).json()
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' })
  const { packages } = await readLock()
  const listed = new Map<string, Record<string, unknown>>(
    bill.components.map((each: { name: string; version: string }) => [
      `${each.name}@${each.version}`,
      each,
    ]),
  )
  const wanted = new Set(Object.values(packages).map(([id]) => id))
  expect([...wanted].filter((id) => !listed.has(id))).toEqual([])
  // And the runtime itself.
  expect(listed.size).toBe(wanted.size + 1)
  const bare = [...wanted].filter((id) => listed.get(id)?.['licenses'] === undefined)
  // It is for macOS alone, and installed nowhere else.
  expect(bare.map((id) => id.split('@')[0])).toEqual(['fsevents'])
  expect(listed.get(`hono@${packages['hono']?.[0].slice('hono@'.length)}`)).toMatchObject({
    scope: 'required',
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
  })
  for (const id of wanted) {
    if (/^(typescript|drizzle-kit|playwright-core)@/.test(id)) {
      expect(listed.get(id)).toMatchObject({ scope: 'excluded' })
    }
  }
})

describe('the workflows', () => {
  const workflow = (name: string) =>
    Bun.YAML.parse(readFileSync(join(root, '.github/workflows', `${name}.yml`), 'utf8')) as {
      jobs: Record<string, { steps?: { run?: string; uses?: string }[]; needs?: string }>
    }

  test('check, build and smoke-test before they release', async () => {
    const { jobs } = workflow('ci')
    expect(Object.keys(jobs)).toEqual(['check', 'build', 'smoke'])
    expect(jobs['smoke']?.needs).toBe('build')
    expect(workflow('release').jobs).toMatchObject({ release: { needs: 'ci' } })
  })

  test('call scripts and files that are there', async () => {
    const { scripts } = await Bun.file(join(root, 'package.json')).json()
    const runs = ['ci', 'release'].flatMap((name) =>
      Object.values(workflow(name).jobs).flatMap(({ steps = [] }) => steps.map((step) => step.run)),
    )
    const text = runs.join('\n')
    for (const [, name = ''] of text.matchAll(/\bbun run (\w+)/g)) {
      expect(Object.keys(scripts)).toContain(name)
    }
    const paths = [...text.matchAll(/\/here\/(src\/\S+)/g)].map(([, path = '']) => path)
    expect(paths).not.toEqual([])
    for (const path of paths) expect(await Bun.file(join(root, path)).exists()).toBe(true)
  })
})

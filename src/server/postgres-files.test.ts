import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, truncate, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Embedded } from '#embedded'
import { checkoutDirectory, locatePostgres, packPostgres } from './postgres-files'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

const nobody = 65_534
const fastLevel = 1
let scratch: string
let embedded: Embedded

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'jumpstarter-files-'))
  await chmod(scratch, 0o755)
  embedded = { postgres: join(scratch, 'packed'), assets: {} }
  await packPostgres(checkoutDirectory(), embedded.postgres, fastLevel)
}, 60_000)

afterAll(() => rm(scratch, { recursive: true, force: true }))

const locate = (cache: string, pack = embedded) =>
  locatePostgres({ embedded: pack, cacheDirectory: join(scratch, cache), uid: undefined })

async function versionOf(directory: string): Promise<string> {
  const child = Bun.spawn([join(directory, 'bin', 'postgres'), '--version'], { env: {} })
  return new Response(child.stdout).text()
}

test('finds the package of the checkout and links its libraries, twice and at once', async () => {
  const found = await Promise.all(
    [1, 2].map(() =>
      locatePostgres({
        embedded: undefined,
        cacheDirectory: join(scratch, 'unused'),
        uid: undefined,
      }),
    ),
  )
  expect(found[0]).toBe(found[1])
  expect(await versionOf(found[0] as string)).toContain('18.4')
})

test('unpacks once, runnable, whatever the umask', async () => {
  const umask = process.umask(0o077)
  try {
    const directory = await locate('umask')
    expect(directory).toMatch(/\/umask\/postgres-18\.4-[0-9a-f]{12}$/)
    expect(await versionOf(directory)).toContain('PostgreSQL) 18.4')
    expect((await stat(join(directory, 'share'))).mode & 0o777).toBe(0o755)
    expect((await stat(join(directory, 'share/postgresql/postgres.bki'))).mode & 0o777).toBe(0o644)
    const { ino } = await stat(directory)
    expect(await locate('umask')).toBe(directory)
    expect((await stat(directory)).ino).toBe(ino)
  } finally {
    process.umask(umask)
  }
})

test('two unpacking at once end with one complete directory', async () => {
  const [first, second] = await Promise.all([locate('race'), locate('race')])
  expect(first).toBe(second as string)
  expect(await versionOf(first as string)).toContain('18.4')
  expect(await readdir(join(scratch, 'race'))).toHaveLength(1)
})

test('replaces a torn directory and removes what a killed process left long ago', async () => {
  const directory = await locate('torn')
  await rm(join(directory, 'complete'))
  await rm(join(directory, 'bin'), { recursive: true })
  const leftover = `${directory}.new-0123456789ab`
  await mkdir(leftover)
  await utimes(leftover, 0, 0)
  expect(await locate('torn')).toBe(directory)
  expect(await versionOf(directory)).toContain('18.4')
  expect(
    (await readdir(join(scratch, 'torn'))).filter((name) => name.endsWith('0123456789ab')),
  ).toEqual([])
})

test('refuses a damaged pack and leaves nothing', async () => {
  const damaged = join(scratch, 'damaged')
  await Bun.write(damaged, Bun.file(embedded.postgres))
  await truncate(damaged, Bun.file(embedded.postgres).size - 1)
  await expect(locate('never', { postgres: damaged, assets: {} })).rejects.toThrow('is damaged')
  expect(await readdir(join(scratch, 'never'))).toEqual([])
})

test('a cache that cannot be written is explained', async () => {
  const blocked = locatePostgres({ embedded, cacheDirectory: '/sys/jumpstarter', uid: undefined })
  await expect(blocked).rejects.toThrow(/cannot be written .* set JUMPSTARTER_CACHE/)
  await Bun.write(join(scratch, 'file'), '')
  await expect(locate('file')).rejects.toThrow(/is not a directory: .*JUMPSTARTER_CACHE/)
})

test.if(process.getuid?.() === 0)('as root, unpacks where the account can reach it', async () => {
  await mkdir(join(scratch, 'private'), { mode: 0o700 })
  const cacheDirectory = join(scratch, 'private', 'cache')
  const directory = await locatePostgres({ embedded, cacheDirectory, uid: nobody })
  try {
    expect(directory).toStartWith('/var/cache/jumpstarter/postgres-18.4-')
    const child = Bun.spawn([join(directory, 'bin', 'postgres'), '--version'], {
      uid: nobody,
      gid: nobody,
      cwd: '/',
      env: {},
    })
    expect(await new Response(child.stdout).text()).toContain('18.4')
  } finally {
    await rm(directory, { recursive: true })
  }
})

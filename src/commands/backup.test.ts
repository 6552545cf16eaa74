import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyDatabase, type TestDatabase, testDatabase } from '#testing/database'
import { checkoutCommand, run } from '#testing/program'

setDefaultTimeout(120_000)

let directory: string
let database: TestDatabase
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jumpstarter-backup-'))
  database = await testDatabase()
})
afterAll(async () => {
  await database?.close()
  await rm(directory, { recursive: true })
}, 30_000)

const on = ({ url }: Pick<TestDatabase, 'url'>, ...words: string[]) =>
  run([...checkoutCommand, ...words], { env: { DATABASE_URL: url } })

test('backup, backup verify, restore: each says what it did, and refuses what would lose something', async () => {
  const place = `${directory}/nightly/`
  const made = await on(database, 'backup', place, '--keep', '2')
  expect(made).toMatchObject({ exitCode: 0 })
  const [name = ''] = await readdir(place)
  expect(name).toMatch(/^jumpstarter-\d{8}T\d{9}Z\.tar$/)
  const file = join(place, name)
  expect(made.stdout).toMatch(new RegExp(`^${file}: \\d+ tables, [\\d,]+ rows, `))
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  const checked = await run([...checkoutCommand, 'backup', 'verify', file])
  expect(checked).toMatchObject({ exitCode: 0 })
  expect(checked.stdout).toContain(`${file} is whole: `)
  const newest = await run([...checkoutCommand, 'backup', 'verify', place])
  expect(newest).toMatchObject({ exitCode: 0 })
  expect(newest.stdout).toContain(`${file} is whole: `)
  const nowhere = join(directory, 'nowhere')
  await mkdir(nowhere)
  expect(await run([...checkoutCommand, 'backup', 'verify', nowhere])).toMatchObject({
    exitCode: 1,
    stderr: `jumpstarter: There is no backup in ${nowhere}.\n`,
  })

  const other = await emptyDatabase()
  expect(await on(other, 'backup', join(directory, 'none.tar'))).toMatchObject({
    exitCode: 1,
    stderr: 'jumpstarter: There is nothing in this database yet.\n',
  })
  const restored = await on(other, 'restore', file)
  expect(restored).toMatchObject({ exitCode: 0 })
  expect(restored.stdout).toStartWith('Restored, and equal to the backup: ')
  expect(await on(other, 'restore', file)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('The database is not empty'),
  })
  await other.close()

  expect(await on(database, 'backup', file)).toMatchObject({
    exitCode: 2,
    stderr: `jumpstarter: ${file} exists already: give another name.\n`,
  })
  expect(await on(database, 'backup', join(directory, 'x.tar'), '--keep', '2')).toMatchObject({
    exitCode: 2,
    stderr: 'jumpstarter: --keep goes with a directory, not a file.\n',
  })
  const missing = await on(database, 'restore', join(directory, 'nowhere.tar'))
  expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nowhere.tar') })
})

test('a backup that is interrupted leaves nothing', async () => {
  const large = await testDatabase()
  await large.db
    .$client`insert into people (name) select 'Reader ' || n from generate_series(1, 400000) n`
  const place = await mkdtemp(join(directory, 'interrupted-'))
  const child = Bun.spawn([...checkoutCommand, 'backup', place], {
    env: { PATH: '/usr/bin:/bin', DATABASE_URL: large.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  while ((await readdir(place)).length === 0) await Bun.sleep(2)
  expect(await readdir(place)).toEqual([expect.stringMatching(/\.tar\.partial$/)])
  child.kill('SIGINT')
  expect(await child.exited).toBe(130)
  expect(await new Response(child.stderr).text()).toEndWith('jumpstarter: Interrupted.\n')
  expect(await readdir(place)).toEqual([])
  const [row] = await database.db.$client`
    select count(*) from pg_stat_activity where application_name like 'jumpstarter backup%'`
  expect(row?.['count']).toBe('0')
  await large.close()
})

import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from '#testing/database'
import { checkoutCommand, run } from '#testing/program'

setDefaultTimeout(60_000)

const bench = (words: string[], options = {}) =>
  run([...checkoutCommand, 'bench', ...words], options)

test('without a word it lists its instruments; each has a help of its own', async () => {
  const { exitCode, stdout } = await bench([])
  expect(exitCode).toBe(0)
  for (const name of ['queries', 'plans', 'database', 'serve']) {
    expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\w`, 'm'))
  }
  expect((await bench(['queries', '--help'])).stdout).toStartWith(
    'Usage: jumpstarter bench queries',
  )
})

test('a program that is to do something else loads no instrument', async () => {
  const source =
    "await import('#commands/commands'); console.log(Object.keys(require.cache).join())"
  const { stdout } = await run([process.execPath, '-e', source])
  expect(stdout).toContain('/src/commands/bench.ts')
  expect(stdout).not.toMatch(/\/bench\/|commands\/bench-/)
})

test('a wrong word or flag is named, with what was probably meant', async () => {
  const word = await bench(['querys'])
  expect([word.exitCode, word.stderr]).toEqual([
    2,
    'jumpstarter: bench has no instrument querys. Did you mean queries?\n',
  ])
  const flag = await bench(['queries', '--quik'])
  expect([flag.exitCode, flag.stderr]).toEqual([
    2,
    'jumpstarter: bench queries has no flag --quik. Did you mean --quick?\n',
  ])
})

test('the nine queries are printed and written where asked', async () => {
  const { url, close } = await testDatabase()
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['queries', '--quick', '--out', out]
    const { exitCode, stdout } = await bench(words, { env: { DATABASE_URL: url } })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('budgets met.')
    expect(readdirSync(out).toSorted()).toEqual(['queries.json', 'queries.md', 'queries.svg'])
    const written = await Bun.file(join(out, 'queries.json')).json()
    expect(written.rows).toHaveLength(9)
    expect(written.command).toBe('jumpstarter bench queries --quick')
  } finally {
    rmSync(out, { recursive: true, force: true })
    await close()
  }
})

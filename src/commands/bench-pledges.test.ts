import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutCommand, run } from '#testing/program'
import { benchPledges } from './bench-pledges'

setDefaultTimeout(240_000)

test.each([
  [['--clients', '4,x'], '--clients takes a whole number from 1 to 500, not x.'],
  [['--http', '--ways', 'api,mail'], '--ways takes api and form, not mail.'],
  [['--client', '5'], 'has no flag --client. Did you mean --clients?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchPledges.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('every way takes pledges, and what was acknowledged is stored', async () => {
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['bench', 'pledges', '--clients', '4', '--seconds', '1', '--rounds', '1']
    const { exitCode, stdout, stderr } = await run([...checkoutCommand, ...words, '--out', out])
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('100%')])
    expect(stdout).toContain('Pledges into one project')
    expect(readdirSync(out).toSorted()).toEqual(['pledges.json', 'pledges.md', 'pledges.svg'])
    const { rows } = await Bun.file(join(out, 'pledges.json')).json()
    const of = (load: string) => rows.filter((row: { load?: string }) => row.load === load)
    for (const load of ['ours', 'naive', 'slots']) {
      expect(of(load)).toHaveLength(2)
      for (const { requests_per_second: rate, errors } of of(load)) {
        expect(rate).toBeGreaterThan(1)
        expect(errors).toBe(0)
      }
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

test('over HTTP every answer is right, and it is said what a pledge costs', async () => {
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const shape = ['--clients', '1,8', '--workers', '2', '--seconds', '1', '--rounds', '1']
    const words = ['bench', 'pledges', '--http', ...shape, '--out', out]
    const { exitCode, stdout, stderr } = await run([...checkoutCommand, ...words])
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('100%')])
    expect(stdout).toContain('limited by')
    const names = ['pledges-http.json', 'pledges-http.md', 'pledges-http.svg']
    expect(readdirSync(out).toSorted()).toEqual(names)
    const { rows } = await Bun.file(join(out, 'pledges-http.json')).json()
    expect(rows).toHaveLength(16)
    for (const row of rows) {
      expect(row.requests_per_second).toBeGreaterThan(1)
      expect(row.cpu_us_per_request).toBeGreaterThan(10)
      expect(row.postgres_cpu_us_per_request).toBeGreaterThan(10)
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

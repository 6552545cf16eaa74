import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutCommand, run } from '#testing/program'
import { benchSigned } from './bench-signed'

setDefaultTimeout(120_000)

test.each([
  [['--rounds', '0'], '--rounds takes a whole number from 1 to 200, not 0.'],
  [['--second', '5'], 'has no flag --second. Did you mean --seconds?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchSigned.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('each kind of page is measured for both, and what that costs is written down', async () => {
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['bench', 'signed', '--rounds', '2', '--seconds', '1', '--out', out]
    const { exitCode, stdout, stderr } = await run([...checkoutCommand, ...words])
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Measuring')])
    expect(stdout).toContain('signed in µs')
    expect(readdirSync(out).toSorted()).toEqual(['signed.json', 'signed.md', 'signed.svg'])
    const { rows } = await Bun.file(join(out, 'signed.json')).json()
    expect(rows.map(({ id }: { id: string }) => id)).toEqual([
      ...['project', 'rewards', 'front page', 'discover', 'person'],
    ])
    for (const row of rows) {
      expect(row.anonymous_cpu_us).toBeGreaterThan(0)
      expect(row.signed_cpu_us).toBeGreaterThan(0)
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutCommand, run } from '#testing/program'
import { benchSeeing, benchSigned } from './bench-cost'

setDefaultTimeout(120_000)

test.each([
  [benchSigned, ['--rounds', '0'], '--rounds takes a whole number from 1 to 200, not 0.'],
  [benchSigned, ['--second', '5'], 'has no flag --second. Did you mean --seconds?'],
  [benchSeeing, ['--round', '5'], 'bench seeing has no flag --round. Did you mean --rounds?'],
])('what it does not know is refused by name', async (bench, args, sentence) => {
  const running = bench.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test.each([
  ['signed', 'signed in µs', ['project', 'rewards', 'front page', 'discover', 'person']],
  ['seeing', 'seeing µs', ['page from memory', 'page made anew']],
])(
  '%s: each kind of page is measured with and without, and written down',
  async (bench, column, kinds) => {
    const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
    try {
      const words = ['bench', bench, '--rounds', '2', '--seconds', '1', '--out', out]
      const { exitCode, stdout, stderr } = await run([...checkoutCommand, ...words])
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Measuring')])
      expect(stdout).toContain(column)
      const files = ['json', 'md', 'svg'].map((ending) => `${bench}.${ending}`)
      expect(readdirSync(out).toSorted()).toEqual(files)
      const { rows } = await Bun.file(join(out, `${bench}.json`)).json()
      expect(rows.map(({ id }: { id: string }) => id)).toEqual(kinds)
      for (const row of rows) {
        expect(row.without_cpu_us).toBeGreaterThan(0)
        expect(row.with_cpu_us).toBeGreaterThan(0)
      }
    } finally {
      rmSync(out, { recursive: true, force: true })
    }
  },
)

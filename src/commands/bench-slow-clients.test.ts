import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from '#testing/packages'
import { checkoutCommand, run } from '#testing/program'
import { benchSlowClients } from './bench-slow-clients'

setDefaultTimeout(240_000)

test.each([
  [['--connections', '0'], '--connections takes a whole number from 1 to 10000, not 0.'],
  [['--round', '5'], 'has no flag --round. Did you mean --rounds?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchSlowClients.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('others are answered beside slow clients, which a proxy keeps to itself', async () => {
  await installPackages({ slowhttptest: 'slowhttptest', nginx: 'nginx-light' })
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['bench', 'slow-clients', '--quick', '--seconds', '1', '--out', out]
    const { exitCode, stderr } = await run([...checkoutCommand, ...words])
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('done in')])
    const names = ['json', 'md', 'svg'].map((ending) => `slow-clients.${ending}`)
    expect(readdirSync(out).toSorted()).toEqual(names)
    const { rows } = await Bun.file(join(out, 'slow-clients.json')).json()
    expect(rows).toHaveLength(6)
    for (const { id, front, held, calm_p99_ms, slow_p99_ms, memory_mb_most } of rows) {
      expect([id, calm_p99_ms > 0, slow_p99_ms > 0]).toEqual([id, true, true])
      // Memory of one worker: what a hundred connections take is far below that.
      expect([id, memory_mb_most < 400]).toEqual([id, true])
      expect([id, front === 'direct' ? held > 40 : held < 40]).toEqual([id, true])
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

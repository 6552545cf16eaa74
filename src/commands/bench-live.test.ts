import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutCommand, run } from '#testing/program'
import { benchLive } from './bench-live'

setDefaultTimeout(120_000)

test.each([
  [['--streams', '0'], '--streams takes a whole number from 1 to 20000, not 0.'],
  [['--second', '5'], 'has no flag --second. Did you mean --seconds?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchLive.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('every reader is told of every pledge, and what that cost is written down', async () => {
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['bench', 'live', '--streams', '250', '--seconds', '1', '--out', out]
    const { exitCode, stdout, stderr } = await run([...checkoutCommand, ...words])
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('250 streams are open')])
    expect(stdout).toContain('250 streams of one project on one worker')
    expect(readdirSync(out).toSorted()).toEqual(['live.json', 'live.md', 'live.svg'])
    const { rows, command } = await Bun.file(join(out, 'live.json')).json()
    expect(command).toBe('jumpstarter bench live --streams 250 --seconds 1')
    const [memory, seldom, often] = rows
    expect(memory.worker_bytes).toBeGreaterThan(1e6)
    expect([seldom.pledges, often.pledges]).toEqual([2, 100])
    expect([seldom.missed, often.missed]).toEqual([0, 0])
    expect(often.p99_ms).toBeGreaterThanOrEqual(often.p50_ms)
    // A rush is told in few messages.
    expect(often.messages_per_stream).toBeLessThan(50)
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

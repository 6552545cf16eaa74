import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutCommand, run } from '#testing/program'
import { benchOverload } from './bench-overload'

setDefaultTimeout(240_000)

test.each([
  [['--surge', '1'], '--surge takes a whole number from 2 to 600, not 1.'],
  [['--clam', '5'], 'has no flag --clam. Did you mean --calm?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchOverload.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

// How much is answered is a matter of speed; that there is a door, and how it refuses, is not.
test('ten times as many: some are told to come back, cheaply, and only where there is a door', async () => {
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['bench', 'overload', '--quick', '--out', out]
    const { exitCode, stdout, stderr } = await run([...checkoutCommand, ...words])
    const { rows } = await Bun.file(join(out, 'overload.json')).json()
    const of = (id: string) => rows.find((row: { id: string }) => row.id === id)
    // A machine that is busy otherwise makes the generator late, which it says.
    expect([exitCode, stderr]).toEqual([of('invalid').count > 0 ? 1 : 0, expect.any(String)])
    expect(readdirSync(out).toSorted()).toEqual(
      ['json', 'md', 'svg'].map((name) => `overload.${name}`),
    )
    const kinds = ['pages from memory', 'pages made anew', 'sign-ins', 'pledges']
    const refused = (way: string) =>
      kinds.reduce((sum, kind) => sum + (of(`${way}: ${kind}`)?.refused ?? 0), 0)
    expect(refused('shedding')).toBeGreaterThan(0)
    expect(of('shedding: pages made anew').refused).toBeGreaterThan(0)
    expect(of('shedding').refusal_bytes).toBeWithin(200, 2_000)
    expect(of('everybody let in').refusal_bytes).toBeLessThan(200)
    expect(of('peak').right_per_second).toBeGreaterThan(0)
    expect(stdout).toContain('Peak: ')
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

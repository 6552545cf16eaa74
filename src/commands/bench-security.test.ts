import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutCommand, run } from '#testing/program'
import { installProxies } from '#testing/proxies'
import { benchSecurity } from './bench-security'

setDefaultTimeout(180_000)

test.each([
  [['--requests', '0'], '--requests takes a whole number from 1 to 10000000, not 0.'],
  [['--sead', '5'], 'has no flag --sead. Did you mean --seed?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchSecurity.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('nothing breaks, leaks or is smuggled', async () => {
  await installProxies()
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['bench', 'security', '--quick', '--out', out]
    const { exitCode, stdout, stderr } = await run([...checkoutCommand, ...words])
    // The seed, and what is wrong.
    expect([exitCode, `${stderr}${stdout}`]).toEqual([0, expect.stringContaining('Seed ')])
    expect(stdout).toContain('all counts and books agree')
    expect(readdirSync(out).toSorted()).toEqual(['security.json', 'security.md', 'security.svg'])
    const { rows } = await Bun.file(join(out, 'security.json')).json()
    const of = (id: string) => rows.find((row: { id: string }) => row.id === id)
    expect(of('api')).toMatchObject({ requests: 2_000, broken: 0, failures: 0 })
    expect(of('api').done).toBeGreaterThan(200)
    expect(of('forms').done).toBeGreaterThan(100)
    const ways = rows.filter((row: { way?: string }) => row.way !== undefined)
    expect(ways).toHaveLength(8)
    for (const { probes, refused, smuggled } of ways) {
      expect(smuggled).toBe(0)
      expect(refused).toBeGreaterThan(probes / 2)
    }
    expect(of('violations').count).toBe(0)
    expect(await Bun.file(join(out, 'security.md')).text()).toContain('ASVS 5.0')
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from '#testing/packages'
import { checkoutCommand, run } from '#testing/program'
import { benchFaults } from './bench-faults'

setDefaultTimeout(180_000)

test.each([
  [['--seconds', '0'], '--seconds takes a whole number from 1 to 86400, not 0.'],
  [['--sead', '5'], 'has no flag --sead. Did you mean --seed?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchFaults.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('no pledge is lost, doubled or oversold whatever fails', async () => {
  await installPackages({ 'redis-server': 'redis-server' })
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['bench', 'faults', '--quick', '--out', out]
    const { exitCode, stdout, stderr } = await run([...checkoutCommand, ...words])
    // The seed, and what is wrong.
    expect([exitCode, `${stderr}${stdout}`]).toEqual([0, expect.stringContaining('Seed ')])
    expect(stdout).toContain('500 buyers for 50, and a worker killed among them: 50 sold')
    expect(readdirSync(out).toSorted()).toEqual(['faults.json', 'faults.md', 'faults.svg'])
    const { rows, command } = await Bun.file(join(out, 'faults.json')).json()
    expect(command).toBe('jumpstarter bench faults --quick')
    const of = (id: string) => rows.find((row: { id: string }) => row.id === id)
    for (const fault of ['kill', 'postgres', 'redis', 'drop']) {
      expect(of(`fault ${fault}`).times).toBeGreaterThan(0)
    }
    for (const verb of ['place', 'change', 'cancel']) expect(of(verb).ok).toBeGreaterThan(0)
    expect(of('place').unheard).toBeGreaterThan(0)
    expect([of('repeats').posts, of('violations').count]).toEqual([400, 0])
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

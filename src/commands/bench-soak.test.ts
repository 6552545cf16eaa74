import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kindTitles } from '#bench/overload/requests'
import { checkoutCommand, run } from '#testing/program'
import { benchSoak } from './bench-soak'

setDefaultTimeout(180_000)

test.each([
  [['--minutes', '0'], '--minutes takes a whole number from 1 to 10080, not 0.'],
  [['--ratio', '5'], 'has no flag --ratio. Did you mean --rate?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchSoak.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

// Whether a trend is flat or grows is tested beside its rule; a minute is too short for either.
test('a minute of everything is asked for, answered and watched', async () => {
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const words = ['--minutes', '1', '--rate', '15', '--workers', '1', '--out', out]
    const { stdout, stderr } = await run([...checkoutCommand, 'bench', 'soak', ...words])
    expect(`${stdout}${stderr}`).toContain('memory of worker 0')
    expect(readdirSync(out).toSorted()).toEqual(['soak.json', 'soak.md', 'soak.svg'])
    const { rows } = await Bun.file(join(out, 'soak.json')).json()
    const of = (id: string) => rows.find((row: { id: string }) => row.id === id)
    for (const title of Object.values(kindTitles)) {
      expect([title, of(title).asked > 0, of(title).wrong]).toEqual([title, true, 0])
    }
    for (const id of ['memory of worker 0', 'open files of worker 0', 'sessions of Postgres']) {
      expect([id, of(id).verdict, of(id).values.length > 20]).toEqual([id, 'unsure', true])
    }
    expect(of('memory of worker 0').level).toBeGreaterThan(30)
    expect(await Bun.file(join(out, 'soak.svg')).text()).toContain('Memory of each worker')
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
})

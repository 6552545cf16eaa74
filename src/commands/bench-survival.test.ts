import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deeds } from '#bench/survival/deeds'
import { states } from '#bench/survival/states'
import { installPackages } from '#testing/packages'
import { checkoutCommand, run } from '#testing/program'
import { benchSurvival } from './bench-survival'

setDefaultTimeout(600_000)

interface Cell {
  state: string
  deed: string
  promised: string
  kept: boolean
  requests: number
  broken: string[]
}

const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
let cells: Cell[]
let said: string

// As root, a disk can be filled; with faketime, the clock can be wrong: nothing is left out.
beforeAll(async () => {
  await installPackages({ 'redis-server': 'redis-server', faketime: 'faketime' })
  const words = ['bench', 'survival', '--quick', '--out', out]
  const { stdout, stderr } = await run([...checkoutCommand, ...words])
  said = `${stderr}${stdout}`
  const file = Bun.file(join(out, 'survival.json'))
  // Without a table, what it has said tells why.
  expect([await file.exists(), said]).toEqual([true, expect.any(String)])
  cells = (await file.json()).rows
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

test('every state has been brought about, but for what it says', () => {
  const tried = new Set(cells.map(({ state }) => state))
  expect([...tried]).toEqual(states.map(({ id }) => id))
  const left = states.filter(({ problem }) => problem?.() !== undefined)
  for (const { title } of left) expect(said).toContain(`${title}: not tried, as `)
  expect(left.map(({ id }) => id)).toEqual(process.getuid?.() === 0 ? [] : ['disk-full'])
  const files = ['survival.json', 'survival.md', 'survival.svg']
  expect(readdirSync(out).toSorted()).toEqual(files)
})

const promises = states
  .filter(({ problem }) => problem?.() === undefined)
  .flatMap(({ id, title, promised }) =>
    deeds
      .filter((deed) => promised[deed.id] !== undefined)
      .map((deed) => [title, deed.title, id, deed.id, promised[deed.id]] as const),
  )

test.each(promises)('while %s: %s', (_, __, state, deed, promised) => {
  const cell = cells.find((each) => each.state === state && each.deed === deed)
  expect(cell).toMatchObject({ promised, broken: [], kept: true })
  expect(cell?.requests).toBeGreaterThan(0)
})

test('a state that there is not is refused by name', async () => {
  const running = benchSurvival.run(['--only', 'redis-hang'], { embedded: undefined })
  await expect(running).rejects.toThrow('There is no state redis-hang; did you mean redis-hung?')
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

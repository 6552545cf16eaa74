import { expect, test } from 'bun:test'
import { CommandError } from '#lib/errors'
import { benchDatabase } from './bench-database'

test.each([
  [['--seconds', '0'], '--seconds takes a whole number from 1 to 3600, not 0.'],
  [['--connections', '8,many'], '--connections takes a whole number from 1 to 500, not many.'],
  [['--rounds', '1.5'], '--rounds takes a whole number from 1 to 100, not 1.5.'],
  [['--rows', '7'], '--rows takes a whole number from 100 to 10000000, not 7.'],
  [['--setting'], 'bench database has no flag --setting. Did you mean --settings?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchDatabase.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toBeInstanceOf(CommandError)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

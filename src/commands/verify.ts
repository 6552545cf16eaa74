import { loadConfig } from '#config'
import { requireCurrentSchema } from '#db/migrations'
import { type CheckResult, checksCount, type VerifyProgress, verifyCounters } from '#db/verify'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags } from './flags'
import { createProgress, type Progress } from './progress'

const usage = `Usage: jumpstarter verify [--data DIRECTORY]

Recomputes every count, total and key from the rows and compares. Exits 1 if one disagrees.`

/** How much of an outside Postgres's memory, which is unknown, sorts and hashes may take. */
export const outsideMemoryBytes = 2 ** 30

export const verify: Command = {
  summary: 'check every count and total against the rows',
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('verify', args, { data: { type: 'string' } })
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const applicationName = 'jumpstarter verify'
    const surroundings = { config, embedded, applicationName, mustExist: true }
    return await withDatabase(surroundings, async (database) => {
      await requireCurrentSchema(database.db)
      let bar: Progress | undefined
      const onProgress = ({ what, fraction, rows }: VerifyProgress) => {
        bar ??= createProgress('Verifying', rows)
        bar.report(what, fraction)
      }
      const memory = database.embedded ? {} : { memoryBytes: outsideMemoryBytes }
      let wrong = 0
      for await (const result of verifyCounters(database.db, { ...memory, onProgress })) {
        if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
        print(result)
        if (result.count > 0) wrong++
      }
      bar?.end()
      const sum = `${checksCount} checks, ${wrong} wrong`
      console.log(wrong === 0 ? `Everything agrees: ${sum}.` : `The counters disagree: ${sum}.`)
      return wrong === 0 ? 0 : 1
    })
  },
}

function print({ name, count, first }: CheckResult): void {
  console.log(
    `${count === 0 ? 'ok   ' : 'WRONG'}  ${name}${count > 0 ? `: ${count} disagree` : ''}`,
  )
  for (const { subject, stored, counted } of first) {
    console.log(`         ${subject}: stored ${stored}, the rows say ${counted}`)
  }
}

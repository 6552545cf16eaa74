import { loadConfig } from '#config'
import { requireCurrentSchema } from '#db/migrations'
import { checksCount, verifyCounters } from '#db/verify'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter verify [--data DIRECTORY]

Recomputes every count and total from the rows and compares. Exits 1 if one disagrees.`

export const verify: Command = {
  summary: 'check every count and total against the rows',
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('verify', args, { data: { type: 'string' } })
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const applicationName = 'jumpstarter verify'
    const surroundings = { config, embedded, applicationName, mustExist: true }
    return await withDatabase(surroundings, async ({ db }) => {
      await requireCurrentSchema(db)
      let wrong = 0
      for await (const { name, count, first } of verifyCounters(db)) {
        console.log(
          `${count === 0 ? 'ok   ' : 'WRONG'}  ${name}${count > 0 ? `: ${count} disagree` : ''}`,
        )
        for (const { subject, stored, counted } of first) {
          console.log(`         ${subject}: stored ${stored}, the rows say ${counted}`)
        }
        if (count > 0) wrong++
      }
      const sum = `${checksCount} checks, ${wrong} wrong`
      console.log(wrong === 0 ? `Everything agrees: ${sum}.` : `The counters disagree: ${sum}.`)
      return wrong === 0 ? 0 : 1
    })
  },
}

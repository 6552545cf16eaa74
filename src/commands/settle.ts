import { type Config, loadConfig } from '#config'
import type { Db } from '#db/client'
import { requireCurrentSchema } from '#db/migrations'
import { countPledges, countUnanswered, listDue, listEnded } from '#features/settlement/reads/due'
import { findMoneyProject } from '#features/settlement/reads/money'
import { chargesDue, planOf } from '#features/settlement/rules/plan'
import { settleEnded } from '#features/settlement/writes/deadline'
import { settleNextDue } from '#features/settlement/writes/queue'
import { type Settling, settlingOf } from '#features/settlement/writes/settling'
import { CommandError } from '#lib/errors'
import { plural } from '#lib/text'
import { openPayments } from '#payments/payments'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags } from './flags'
import { createProgress } from './progress'

const usage = `Usage: jumpstarter settle [--dry-run] [--project ID] [--data DIRECTORY]

Does once what a running site does by itself: ends projects whose deadline has passed, charges the
pledges of successful ones, reminds whoever could not be charged, drops what stays unpaid, and pays
creators out. Any number may run at once, beside the site too. Exits 1 when something is left that a
provider gave no answer about: run it again.

  --dry-run         say what would be done, project by project, and change nothing
  --project ID      of this project alone
  --data DIRECTORY  where the embedded Postgres keeps its data
  --help            show this`

const flags = {
  'dry-run': { type: 'boolean' },
  project: { type: 'string' },
  data: { type: 'string' },
} as const

/** Charges of one project run side by side. */
const sessions = 8

export const settle: Command = {
  summary: 'end projects, charge pledges and pay creators, once',
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('settle', args, flags)
    const projectId = readProject(values.project)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const around = {
      ...{ config, embedded, applicationName: 'jumpstarter settle' },
      ...{ mustExist: true, sessions },
    }
    return await withDatabase(around, async ({ db }) => {
      await requireCurrentSchema(db)
      if (projectId !== undefined) await requireKnown(db, projectId)
      return values['dry-run'] ? await foresee(db, projectId) : await work(db, config, projectId)
    })
  },
}

function readProject(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,14}$/.test(text)) {
    throw new CommandError(`--project takes the number of a project, not ${text}.`, 2)
  }
  return Number(text)
}

async function requireKnown(db: Db, projectId: number): Promise<void> {
  const project = await findMoneyProject(db, projectId)
  if (!project) throw new CommandError(`There is no project ${projectId}.`)
}

/** What would be done now, and nothing of it. */
async function foresee(db: Db, projectId: number | undefined): Promise<number> {
  const [ended, due] = [await listEnded(db, projectId), await listDue(db, projectId)]
  for (const project of [...ended, ...due]) {
    const plan = planOf(project, await countPledges(db, project.id))
    console.log(`${project.id} “${project.title}”: ${plan}`)
  }
  const [ends, works] = [plural(ended.length, 'project'), plural(due.length, 'project')]
  console.log(`${ends} to end and ${works} to go on with. Nothing has been changed.`)
  return 0
}

async function work(db: Db, config: Config, projectId: number | undefined): Promise<number> {
  const settling = settlingOf({ db, config, payments: await openPayments(config, db) })
  let ended = 0
  for (let now = -1; now !== 0; ended += now) now = await settleEnded(settling, projectId)
  let worked = 0
  while (await settleShown(settling, projectId)) worked++
  const left = await countUnanswered(db, projectId)
  console.log(
    `${plural(ended, 'project')} ended, ${plural(worked, 'settlement')} worked on, ` +
      `${plural(left, 'payment')} without an answer.`,
  )
  return left === 0 ? 0 : 1
}

/** Works on one project, with the rate and the time left on the terminal. */
async function settleShown(settling: Settling, projectId: number | undefined): Promise<boolean> {
  const [next] = await listDue(settling.db, projectId)
  if (!next) return false
  const total = chargesDue(next, await countPledges(settling.db, next.id))
  const bar = total > 0 ? createProgress(`Settling “${next.title}”`, total) : undefined
  let charged = 0
  const onCharged = (count: number) => {
    charged += count
    bar?.report('charging', Math.min(1, charged / total))
  }
  const project = await settleNextDue({ ...settling, onCharged }, next.id)
  bar?.end()
  // Somebody else works on it.
  return project !== undefined
}

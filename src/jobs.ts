import { dropExpiredTokens } from '#db/access-tokens'
import { claimMail, dropSentMail, markMailFailed, markMailSent } from '#db/outbox'
import { dropEmptyLimits } from '#db/rate-limits'
import { dropEndedSessions } from '#db/sessions'
import type { Deps } from '#deps'
import { dropOldActivities } from '#features/activity/writes/preferences'
import { tell } from '#features/activity/writes/tell'
import { launchNextDue } from '#features/editor/writes/lifecycle'
import { stepTask } from '#features/fulfilment/writes/steps'
import { dropOldEvents } from '#features/payments/writes'
import { dropOldLinks } from '#features/people/writes/mailed-links'
import { dropLapsedHolds, dropOldRequests } from '#features/pledges/writes/holds'
import { remind } from '#features/saves/writes'
import { settleEnded } from '#features/settlement/writes/deadline'
import { settleNextDue } from '#features/settlement/writes/queue'
import { settlingOf } from '#features/settlement/writes/settling'
import { deliverDue, dropOldDeliveries } from '#features/webhooks/writes/deliver'
import { describeError } from '#lib/errors'
import { createPauses } from '#lib/pauses'
import { postTo, tellGatewayEvent } from '#payments/test-gateway-events'
import { paths } from '#web/paths'

interface Job {
  name: string
  everyMs: number
  /** Any number of hosts may run it at once. */
  run(deps: Deps, isEnding: () => boolean): Promise<void>
}

const mailsAtOnce = 10
/** In one go, so that whoever ends the jobs does not wait for a hundred thousand people. */
const batchesAtOnce = 20
/** Of webhooks, each of several. */
const batchesOfWebhooks = 2
/** After so long no other has its turn until the next round. */
const webhooksMs = 5_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** What is done without anybody asking. */
const jobs: Job[] = [
  { name: 'send mail', everyMs: 1_000, run: sendMail },
  { name: 'tell what has happened', everyMs: 1_000, run: tellEvents },
  { name: 'launch projects', everyMs: 1_000, run: launchProjects },
  { name: 'end projects', everyMs: 1_000, run: endProjects },
  { name: 'settle projects', everyMs: 1_000, run: settleProjects },
  { name: 'write reminders', everyMs: minuteMs, run: writeReminders },
  { name: 'be the test gateway', everyMs: 1_000, run: tellGatewayEvents },
  { name: 'mark and ask backers', everyMs: 1_000, run: stepTasks },
  { name: 'tell webhooks', everyMs: 1_000, run: tellWebhooks },
  { name: 'forget what is over', everyMs: hourMs, run: forget },
]

/** Runs the jobs until told to end, which waits for those under way. */
export function startJobs(deps: Deps): { end(): Promise<void> } {
  const pauses = createPauses()
  let isEnding = false
  const repeat = async ({ name, everyMs, run }: Job) => {
    while (!isEnding) {
      // That it is away has been written down.
      const work = deps.presence.isAway() ? Promise.resolve() : run(deps, () => isEnding)
      await work.catch((error: unknown) => {
        deps.log.error('a job failed', { job: name, error: describeError(error) })
      })
      await pauses.wait(everyMs)
    }
  }
  const running = Promise.all(jobs.map(repeat))
  return {
    end: async () => {
      isEnding = true
      pauses.end()
      await running
    },
  }
}

/** Without a mail server, mail stays in the outbox, where a demo shows it. */
async function sendMail({ db, mailer, log }: Deps): Promise<void> {
  if (!mailer) return
  for (let mails = await claimMail(db, mailsAtOnce); mails.length > 0; ) {
    for (const mail of mails) {
      try {
        await mailer.send(mail)
        await markMailSent(db, mail.id)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        await markMailFailed(db, mail, reason)
        log.warn('a mail could not be sent', { mail: mail.id, attempts: mail.attempts, reason })
      }
    }
    mails = await claimMail(db, mailsAtOnce)
  }
}

async function launchProjects({ db }: Deps): Promise<void> {
  while (await launchNextDue(db));
}

async function endProjects({ db }: Deps): Promise<void> {
  while ((await settleEnded({ db })) > 0);
}

async function settleProjects(deps: Deps, isEnding: () => boolean): Promise<void> {
  while (!isEnding() && (await settleNextDue({ ...settlingOf(deps), isEnding })));
}

async function writeReminders({ db, config }: Deps): Promise<void> {
  while ((await remind(db, config.baseUrl)) > 0);
}

async function tellEvents({ db, config }: Deps): Promise<void> {
  for (let batches = 0; batches < batchesAtOnce; batches++) {
    if (!(await tell(db, config.baseUrl))) return
  }
}

/** Also the test gateway tells some things of its own accord. */
async function tellGatewayEvents({ db, payments, config, log }: Deps): Promise<void> {
  if (payments.name !== 'test') return
  const post = postTo(config.baseUrl + paths.providerWebhook('test'))
  for (let told = await tellGatewayEvent(db, post); told; ) {
    const { ref, problem } = told
    if (problem) log.warn('an event of the test gateway was not taken note of', { ref, problem })
    told = await tellGatewayEvent(db, post)
  }
}

async function stepTasks({ db, config }: Deps, isEnding: () => boolean): Promise<void> {
  while (!isEnding() && (await stepTask({ db, site: config.baseUrl })));
}

/** Two batches at once, so that those who do not answer keep nobody waiting. */
async function tellWebhooks(deps: Deps): Promise<void> {
  const end = Date.now() + webhooksMs
  const tellSome = async () => {
    while (Date.now() < end && (await deliverDue(deps)) > 0);
  }
  await Promise.all(Array.from({ length: batchesOfWebhooks }, tellSome))
}

async function forget({ db, images }: Deps): Promise<void> {
  await dropEmptyLimits(db)
  await dropEndedSessions(db)
  await dropExpiredTokens(db)
  await dropOldLinks(db)
  await dropSentMail(db)
  await dropOldActivities(db)
  await dropOldEvents(db)
  await dropOldDeliveries(db)
  await dropLapsedHolds(db)
  await dropOldRequests(db)
  for (let steps = 0; steps < batchesAtOnce; steps++) {
    if ((await images.storage.forget(db)) === 0) break
  }
}

import { booksMax, listImbalances, readDeadlines, readMailState } from '#db/health/work'
import { type Check, type Finding, type OpenSite, problem, warning } from '../check'
import { duration, plural } from '../units'

// Each is looked at every second; the first try again comes a minute later.
const mailSecondsMax = 600
const deadlineSecondsMax = 300
const reasonCharactersMax = 200

/** Mail that waits. */
export const outbox: Check<OpenSite> = {
  name: 'outbox',
  run: async ({ db, config }) => {
    const { late, oldestSeconds, givenUp, lastError } = await readMailState(db, mailSecondsMax)
    const found: Finding[] = []
    const reason = lastError ? `, the last refused with “${oneLine(lastError)}”` : ''
    if (late > 0) {
      const cause = `${plural(late, 'mail')} not sent, the oldest written ${duration(oldestSeconds)} ago${reason}.`
      found.push(
        config.smtpUrl === null
          ? warning(cause, 'Set SMTP_URL to a server that takes mail.')
          : problem(cause, 'See that `jumpstarter serve` runs and that SMTP_URL takes mail.'),
      )
    }
    if (givenUp > 0) {
      found.push(
        warning(
          `${plural(givenUp, 'mail')} given up after eight tries${reason}.`,
          'When the reason is mended: `update outbox set attempts = 0, due_at = now() where sent_at is null;`',
        ),
      )
    }
    return found
  },
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, reasonCharactersMax)

/** Deadlines that have passed without anybody acting on them. */
export const deadlines: Check<OpenSite> = {
  name: 'deadlines',
  run: async ({ db }) => {
    const state = await readDeadlines(db, deadlineSecondsMax)
    const remedy =
      'See in the log of `jumpstarter serve` why, or run `jumpstarter settle`, which says so.'
    const found: Finding[] = []
    if (state.ended > 0) {
      found.push(
        problem(
          `${plural(state.ended, 'project')} past the deadline and not ended, project ` +
            `${state.endedProject} for ${duration(state.endedSeconds)}.`,
          remedy,
        ),
      )
    }
    if (state.stuck > 0) {
      found.push(
        problem(
          `${plural(state.stuck, 'settlement')} that nobody goes on with, that of project ` +
            `${state.stuckProject} for ${duration(state.stuckSeconds)}.`,
          remedy,
        ),
      )
    }
    if (state.unanswered > 0) {
      found.push(
        warning(
          `${plural(state.unanswered, 'payment')} that the provider was asked for and has not answered.`,
          'Run `jumpstarter settle`, which asks again by the same keys.',
        ),
      )
    }
    return found
  },
}

/** The books, quickly: each project's accounts against each other, and its last line. */
export const books: Check<OpenSite> = {
  name: 'books',
  run: async ({ db }) =>
    (await listImbalances(db)).map(({ project, what }) =>
      problem(
        what === 'balances'
          ? `The accounts of project ${project} do not come to nothing together.`
          : `The last line in the books of project ${project} is not the one that was written down.`,
        'Run `jumpstarter verify`, which names every line that is wrong; this was a look at the newest ' +
          `${plural(booksMax, 'project')}.`,
      ),
    ),
}

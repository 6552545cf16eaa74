import { describeError } from '#lib/errors'
import { within } from '#lib/within'
import { type Check, type Finding, type Gravity, problem } from './check'

/** Longer than anything a check itself waits for. */
const checkMs = 8_000

export interface Examined {
  name: string
  status: 'ok' | 'skipped' | Gravity
  /** Why it was skipped. */
  reason?: string
  findings: Finding[]
}

/** Runs the checks side by side; each is given up after eight seconds. */
export async function examine<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  secrets: readonly string[],
): Promise<Examined[]> {
  return await Promise.all(
    checks.map(async ({ name, run }) => {
      const outcome = await bounded(name, run(subject))
      if ('skipped' in outcome) {
        return { name, status: 'skipped' as const, reason: outcome.skipped, findings: [] }
      }
      return examined(name, outcome, secrets)
    }),
  )
}

/** What was found where there is no check to run. */
export function examined(
  name: string,
  findings: readonly Finding[],
  secrets: readonly string[],
): Examined {
  // Whatever drivers and servers say.
  const mask = (text: string) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  return {
    name,
    status: worst(findings.map(({ gravity }) => gravity)),
    findings: findings.map(({ gravity, cause, remedy }) => ({
      ...{ gravity, cause: mask(cause), remedy: mask(remedy) },
    })),
  }
}

/** The gravest of all. */
export function worst(all: readonly Examined['status'][]): 'ok' | Gravity {
  return (['problem', 'warning'] as const).find((each) => all.includes(each)) ?? 'ok'
}

type Outcome = Awaited<ReturnType<Check<unknown>['run']>>

async function bounded(name: string, running: Promise<Outcome>): Promise<Outcome> {
  try {
    if (await within(running, checkMs)) return await running
    running.catch(() => {})
    return [
      problem(
        `“${name}” could not be looked at within ${checkMs / 1000} seconds.`,
        'Something it waits for hangs: see what else is found, mend that, and ask again.',
      ),
    ]
  } catch (error) {
    const reason = describeError(error).split('\n')[0] ?? ''
    return [
      problem(
        `“${name}” could not be looked at: ${reason}.`,
        'Mend what that names; if it is a right that is missing, grant it.',
      ),
    ]
  }
}

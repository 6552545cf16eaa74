import { expect } from 'bun:test'
import { loadConfig } from '#config'
import type { Gravity, Site } from '#doctor/check'
import { examineSite, type Report } from '#doctor/examine-site'

/** What stands in no answer, whatever goes wrong. */
export const canary = 'geheim-7h3/c@nary'

export interface Symptom {
  check: string
  gravity: Gravity
  cause: string | RegExp
  remedy: string | RegExp
}

/** Looks at a site with these settings, whose database is an outside one. */
export async function diagnose(
  environment: Record<string, string>,
  proxy?: Site['proxy'],
): Promise<Report> {
  const report = await examineSite({ config: loadConfig({}, environment), proxy }, async () => {
    throw new Error('the database of a test is an outside one')
  })
  const text = JSON.stringify(report)
  for (const secret of [canary, encodeURIComponent(canary)]) expect(text).not.toContain(secret)
  return report
}

/** Looks at all but the database, on a site that listens on this port. */
export async function diagnoseRest(
  port: number,
  others: Record<string, string> = {},
  proxy?: string,
): Promise<Report> {
  const settings = {
    ...{ DATABASE_URL: 'postgres://nobody@/site?host=/nonexistent', JUMPSTARTER_WORKERS: '2' },
    ...{ BASE_URL: `http://localhost:${port}`, PORT: String(port), ...others },
  }
  const given = proxy === undefined ? undefined : { file: 'proxy.conf', text: proxy }
  const report = await diagnose(settings, given)
  return { ...report, checks: report.checks.filter(({ name }) => name !== 'Postgres') }
}

/** Everything found, as `check: gravity: cause → remedy`. */
export const findingsOf = ({ checks }: Report): string[] =>
  checks.flatMap(({ name, findings }) =>
    findings.map(({ gravity, cause, remedy }) => `${name}: ${gravity}: ${cause} → ${remedy}`),
  )

/** One finding says it, and no other check finds anything. */
export function expectOnly(report: Report, { check, gravity, cause, remedy }: Symptom): void {
  const all = findingsOf(report)
  expect(all.filter((text) => !text.startsWith(`${check}: `))).toEqual([])
  const found = report.checks.find(({ name }) => name === check)?.findings ?? []
  const matches = (text: string, wanted: string | RegExp) =>
    typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
  const fitting = found.filter(
    (each) =>
      each.gravity === gravity && matches(each.cause, cause) && matches(each.remedy, remedy),
  )
  if (fitting.length === 0) expect(all).toContain(`${check}: ${gravity}: ${cause} → ${remedy}`)
  for (const { cause, remedy } of found) expect(`${cause}${remedy}`).not.toContain('\n')
}

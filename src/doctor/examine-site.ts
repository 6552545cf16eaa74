import { secretsOf } from '#config-shown'
import type { Finding, Site } from './check'
import { databaseChecks, siteChecks } from './checks'
import { type Examined, examine, examined, worst } from './examine'
import { type Asking, openOutside } from './open-database'

export interface Report {
  status: 'ok' | 'warning' | 'problem'
  checks: Examined[]
}

/** Opens our own Postgres for as long as it is asked; says why when that cannot be done. */
export type OpenOwn = (asking: Asking) => Promise<Examined[] | Finding>

/** Looks at everything; takes seconds, however much of it hangs. */
export async function examineSite(site: Site, openOwn: OpenOwn): Promise<Report> {
  const secrets = secretsOf(site.config)
  const [ofDatabase, around] = await Promise.all([
    examineDatabase(site, openOwn, secrets),
    examine(siteChecks, site, secrets),
  ])
  const checks = [...ofDatabase, ...around]
  return { status: worst(checks.map(({ status }) => status)), checks }
}

const connection = 'Postgres'

async function examineDatabase(
  site: Site,
  openOwn: OpenOwn,
  secrets: string[],
): Promise<Examined[]> {
  const { databaseUrl, databaseDirectUrl } = site.config
  const asking: Asking = async (opened) => [
    examined(connection, [], secrets),
    ...(await examine(databaseChecks, { ...site, ...opened }, secrets)),
  ]
  const outcome =
    databaseUrl === null
      ? await openOwn(asking)
      : await openOutside(databaseUrl, databaseDirectUrl, asking)
  if (Array.isArray(outcome)) return outcome
  const reason = 'the database cannot be asked'
  const skipped = databaseChecks.map(({ name }) => ({
    ...{ name, status: 'skipped' as const, reason, findings: [] },
  }))
  return [examined(connection, [outcome], secrets), ...skipped]
}

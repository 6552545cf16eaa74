import type { Config } from '#config'
import type { Db } from '#db/client'
import type { SessionSettings } from '#db/pooler'
import type { Pooler } from '#lib/pooler'

/** A warning is worth knowing; a problem keeps the site from working, or from keeping its word. */
export type Gravity = 'warning' | 'problem'

/** Something that is not as it should be: one sentence about why, one about what to do. */
export interface Finding {
  gravity: Gravity
  cause: string
  remedy: string
}

export const warning = (cause: string, remedy: string): Finding => ({
  ...{ gravity: 'warning', cause, remedy },
})
export const problem = (cause: string, remedy: string): Finding => ({
  ...{ gravity: 'problem', cause, remedy },
})

/** The site has no such part, or what would be looked at cannot be had. */
export interface Skipped {
  skipped: string
}

/** A site from outside: its settings, and what it stands in. */
export interface Site {
  config: Config
  /** Of the proxy in front, when its configuration was named. */
  proxy: { file: string; text: string } | undefined
}

/** The same with its database, which answers. */
export interface OpenSite extends Site {
  db: Db
  /** What DATABASE_URL leads to, and how its sessions are set; null: to our own Postgres. */
  pages: { pooler: Pooler | null; session: SessionSettings } | null
  /** What stands between `db` and the database. */
  direct: Pooler | null
}

/** One thing to look at. */
export interface Check<Subject> {
  /** Stays the same for whoever reads the JSON. */
  name: string
  /** Changes nothing; what it throws is itself reported. */
  run(subject: Subject): Promise<Finding[] | Skipped>
}

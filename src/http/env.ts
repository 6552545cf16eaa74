import type { Recording } from '#cache/recording'
import type { Scope } from '#db/access-tokens'
import type { Viewer } from '#db/sessions'
import type { Mark } from '#db/replicas/marks'
import type { Reading } from '#db/replicas/router'
import type { Deps } from '#deps'

/** Where the time of one request goes. */
export interface Timing {
  /** Counts the time since the lap before for this part: `db` is all that comes before rendering. */
  lap(part: 'db' | 'render' | 'compress'): void
  /** All laps and the whole, in milliseconds, as `Server-Timing` has them. */
  header(): string
}

/** What every handler finds in its context. */
export interface AppEnv {
  Bindings: {
    /** From the page cache, when it would keep the answer. */
    recording?: Recording
    /** The address of whoever asked, found out when it is asked for. */
    client?: () => string | undefined
  }
  Variables: {
    deps: Deps
    /** Who is signed in. */
    viewer?: Viewer
    /** What the token opens that a program has shown. */
    scopes?: readonly Scope[]
    /** What they have written or seen, where there are replicas. */
    marks?: readonly Mark[]
    /** Where this request reads, once it has asked for a replica. */
    reading?: Reading
    /** For those who have asked where the time goes. */
    timing?: Timing
  }
}

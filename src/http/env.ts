import type { Context } from 'hono'
import type { Recording } from '#cache/recording'
import type { Scope } from '#db/access-tokens'
import type { Mark } from '#db/replicas/marks'
import type { Reading } from '#db/replicas/router'
import type { Viewer } from '#db/sessions'
import type { Deps } from '#deps'
import type { RequestEvent, Timing } from '#observability/request-event'

/** What every handler finds in its context. */
export interface AppEnv {
  Bindings: {
    /** From the page cache, when it would keep the answer. */
    recording?: Recording
    /** The address of whoever asked, found out when it is asked for. */
    client?: () => string | undefined
    /** What is told of the request when it has been answered. */
    event?: RequestEvent
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
    /** For the log, and for those who have asked where the time goes. */
    timing?: Timing
  }
}

/** Whether readers come by https, at least as far as a proxy. */
export const isSecure = (c: Context<AppEnv>): boolean =>
  c.var.deps.config.baseUrl.startsWith('https:')

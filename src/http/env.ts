import type { Recording } from '#cache/recording'
import type { Deps } from '#deps'
import type { Timing } from './server-timing'

/** What every handler finds in its context. */
export interface AppEnv {
  Bindings: {
    /** From the page cache, when it would keep the answer. */
    recording?: Recording
  }
  Variables: {
    deps: Deps
    /** For those who have asked where the time goes. */
    timing?: Timing
  }
}

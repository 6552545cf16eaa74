import type { Deps } from '#deps'

/** What every handler finds in its context. */
export interface AppEnv {
  Variables: { deps: Deps }
}

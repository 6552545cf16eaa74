import { version } from '../package.json'

// Put in by the build; there is no such name in a checkout.
declare const BUILD_COMMIT: string | undefined

/** Which program this is. */
export const program = {
  name: 'jumpstarter',
  version,
  commit: typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : null,
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PeerStart } from './peer'

/** What a server says of its own connection and moment, and so has to say itself. */
const connectionHeaders = /^(connection|content-length|date|keep-alive|server|transfer-encoding)$/i

/** The constant answer of a start, and a directory for it that `remove` takes away. */
export function constantAnswer({ constant }: PeerStart) {
  if (!constant) throw new Error('this peer answers with a constant: start it with one')
  const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-peer-'))
  const headers = Object.entries(constant.headers).filter(([name]) => !connectionHeaders.test(name))
  return {
    body: constant.body,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    directory,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

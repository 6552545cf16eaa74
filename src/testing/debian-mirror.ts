import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What never changes under its name: packages, and lists named by their hash. */
const lasting = /\/pool\/.*\.deb$|\/by-hash\//
const hosts = /^(deb|security)\.debian\.org$/

/** Where what has been fetched is kept for the next test run of this machine. */
export const mirrorDirectory = join(tmpdir(), 'jumpstarter-test-debian')

export interface Mirror {
  /** For `Acquire::http::Proxy`. */
  url: string
  stop(): Promise<void>
}

/** A proxy for apt: to Debian alone, from a machine that has no other way out. */
export function serveMirror(hostname: string): Mirror {
  mkdirSync(mirrorDirectory, { recursive: true })
  const server = Bun.serve({
    hostname,
    port: 0,
    idleTimeout: 120,
    fetch: async (request) => {
      const asked = new URL(request.url)
      if (request.method !== 'GET' || !hosts.test(asked.hostname)) {
        return new Response('Debian alone.\n', { status: 403 })
      }
      const address = `http://${asked.hostname}${asked.pathname}`
      const kept = join(mirrorDirectory, encodeURIComponent(address))
      if (existsSync(kept)) return new Response(Bun.file(kept))
      const headers = new Headers()
      for (const name of ['if-modified-since', 'range', 'if-range']) {
        const value = request.headers.get(name)
        if (value !== null) headers.set(name, value)
      }
      const answer = await fetch(address, { headers })
      if (answer.status !== 200 || !lasting.test(address)) return answer
      const bytes = await answer.bytes()
      const temporary = `${kept}.${process.pid}`
      await Bun.write(temporary, bytes)
      renameSync(temporary, kept)
      return new Response(bytes)
    },
  })
  return { url: `http://${hostname}:${server.port}`, stop: () => server.stop(true) }
}

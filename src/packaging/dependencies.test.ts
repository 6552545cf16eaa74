import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join, resolve } from 'node:path'
import { licences, readLock } from './documents'

// Whose work we build on: under which licences, and with which known holes.

setDefaultTimeout(60_000)

const root = resolve(import.meta.dir, '..', '..')

/** They ask for nothing but to be named. */
const free = [
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'Unlicense',
]
/** Others, each for a reason. */
const others: Record<string, string> = {
  '@fontsource-variable/familjen-grotesk': 'OFL-1.1',
  // Tests alone run it, and it is changed by nobody.
  'axe-core': 'MPL-2.0',
}
/** For macOS alone, and installed nowhere else. */
const elsewhere = ['fsevents']

test('every package is under a licence we have looked at', async () => {
  const lock = await readLock()
  const licenceOf = await licences(lock)
  const names = Object.values(lock.packages).map(([id]) => id.slice(0, id.lastIndexOf('@')))
  const isRight = (name: string) => {
    const licence = licenceOf(name)
    const parts = licence?.replaceAll(/[()]/g, '').split(/ OR /) ?? []
    return parts.some((part) => free.includes(part)) || licence === others[name]
  }
  const wrong = names.filter((name) => !elsewhere.includes(name) && !isRight(name))
  expect(wrong.map((name) => `${name}: ${licenceOf(name)}`)).toEqual([])
  expect(Object.keys(others).filter((name) => !names.includes(name))).toEqual([])
})

/** Known holes that do not concern us, why, and until when that may be said without a new look. */
const tolerated: Record<string, { until: string; why: string }> = {
  'GHSA-67mh-4wv8-2f99': {
    until: '2027-06-01',
    why: 'esbuild’s development server, which drizzle-kit never starts',
  },
}

interface Advisory {
  url: string
  title: string
  severity: string
}

/** Advisories by package, or why nobody could be asked. */
async function audit(words: string[], registry?: string) {
  const child = Bun.spawn([process.execPath, 'audit', '--json', ...words], {
    cwd: root,
    env: {
      ...{ PATH: '/usr/bin:/bin', HOME: process.env['HOME'] ?? '/nonexistent' },
      ...(registry ? { NPM_CONFIG_REGISTRY: registry } : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  try {
    return { found: JSON.parse(out) as Record<string, Advisory[]> }
  } catch {
    return { reason: error.trim().split('\n').at(-1) || out.trim() }
  }
}

function untolerated(found: Record<string, Advisory[]>, today: string): string[] {
  return Object.entries(found).flatMap(([name, advisories]) =>
    advisories
      .filter(({ url }) => {
        const until = tolerated[url.split('/').at(-1) ?? '']?.until
        return until === undefined || until < today
      })
      .map(({ severity, title, url }) => `${name}: ${severity}: ${title} (${url})`),
  )
}

describe('known holes', () => {
  // What is shipped with any of them, what we only build and test with from high on.
  test.each([['--production'], ['--audit-level=high']])(
    'are in none of our packages: %s',
    async (word) => {
      const { found, reason } = await audit([word])
      // A registry that is away, or a mirror without advisories, breaks nobody's work; it is said.
      if (!found) console.warn(`No registry could be asked for known holes: ${reason}`)
      else expect(untolerated(found, new Date().toISOString().slice(0, 10))).toEqual([])
    },
  )

  test('are seen, and tolerated only as long as was said', async () => {
    const url = 'https://github.com/advisories/GHSA-67mh-4wv8-2f99'
    const asked: string[] = []
    const registry = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: async (request) => {
        const packages = JSON.parse(
          new TextDecoder().decode(unpacked(new Uint8Array(await request.arrayBuffer()))),
        )
        asked.push(...Object.keys(packages))
        const about = { id: 1, url, severity: 'critical', cwe: [], vulnerable_versions: '>=0' }
        return Response.json({ hono: [{ ...about, title: 'A hole' }] })
      },
    })
    const { found = {} } = await audit(['--production'], registry.url.href)
    await registry.stop(true)
    const { dependencies } = await Bun.file(join(root, 'package.json')).json()
    expect(asked).toEqual(expect.arrayContaining(Object.keys(dependencies)))
    expect(untolerated(found, '2026-11-23')).toEqual([])
    expect(untolerated(found, '2027-06-02')).toEqual([`hono: critical: A hole (${url})`])
  })

  test('and a registry that is away is said to be', async () => {
    const { found, reason } = await audit([], 'http://127.0.0.1:1/')
    expect({ found, reason }).toEqual({ found: undefined, reason: expect.stringMatching(/\w/) })
  })
})

/** A client may compress what it sends. */
const unpacked = (bytes: Uint8Array<ArrayBuffer>) =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? Bun.gunzipSync(bytes) : bytes

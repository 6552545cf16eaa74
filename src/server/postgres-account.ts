import { createHash } from 'node:crypto'
import {
  access,
  chmod,
  constants,
  lchown,
  lstat,
  mkdir,
  readFile,
  realpath,
  stat,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CommandError, errorCode } from '#lib/errors'
import type { Log } from '#observability/log'

/** Whom Postgres runs as when we are root, which it refuses. */
export interface Account {
  uid: number
  gid: number
}

export interface Place {
  /** Absolute, symlinks resolved, existing. */
  dataDirectory: string
  /** Undefined: as ourselves. */
  account: Account | undefined
}

// An operator who wants the data kept apart from whatever else runs as nobody adds the first one.
const accountNames = ['jumpstarter', 'nobody']
const nobody: Account = { uid: 65_534, gid: 65_534 }
const rootDataDirectory = '/var/lib/jumpstarter'

export const isRoot = () => process.getuid?.() === 0

/**
 * Makes the data directory and decides whom Postgres runs as. As root that is the owner of the
 * data, or a service account; a default directory it cannot reach gives way to one under /var/lib.
 */
export async function preparePlace(options: {
  dataDirectory: string
  dataDirectoryGiven: boolean
  log: Log
}): Promise<Place> {
  const wished = await settle(options.dataDirectory)
  if (!wished.blockedBy) return makePlace(wished)
  if (options.dataDirectoryGiven) {
    throw new CommandError(
      `Started by root, Postgres runs as uid ${wished.account?.uid}, ` +
        `which cannot enter ${wished.blockedBy}: choose another directory with --data ` +
        `(such as ${rootDataDirectory}/data), or chmod o+x ${wished.blockedBy}.`,
    )
  }
  const hash = createHash('sha256').update(options.dataDirectory).digest('hex').slice(0, 8)
  const name = basename(dirname(options.dataDirectory)) || 'root'
  const moved = await settle(join(rootDataDirectory, `${name}-${hash}`))
  options.log.info('the data is kept where the account of Postgres can reach it', {
    directory: moved.dataDirectory,
    instead_of: options.dataDirectory,
  })
  return makePlace(moved)
}

interface Settled extends Place {
  /** The directory on the way that the account cannot enter. */
  blockedBy: string | undefined
}

async function settle(dataDirectory: string): Promise<Settled> {
  if (!isRoot()) return { dataDirectory, account: undefined, blockedBy: undefined }
  const known = await knownAccounts()
  const owner = await ownerOf(dataDirectory)
  const account =
    (await ownerOf(join(dataDirectory, 'postgres'))) ??
    // initdb refuses a uid without a name: the usual case of a host's directory in a container.
    [...known.values()].find(({ uid }) => uid === owner?.uid) ??
    accountNames.map((name) => known.get(name)).find((found) => found !== undefined) ??
    nobody
  return { dataDirectory, account, blockedBy: await unreachableParent(dataDirectory, account) }
}

async function ownerOf(path: string): Promise<Account | undefined> {
  const stats = await stat(path).catch(() => undefined)
  return stats && stats.uid !== 0 ? { uid: stats.uid, gid: stats.gid } : undefined
}

async function knownAccounts(): Promise<Map<string, Account>> {
  const accounts = new Map<string, Account>()
  for (const line of (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name && Number(uid) > 0) accounts.set(name, { uid: Number(uid), gid: Number(gid) })
  }
  return accounts
}

/**
 * The first existing directory on the way to `path`, itself included, that the account cannot enter
 * by its mode. Without a gid only the owner's and the others' bits count.
 */
export async function unreachableParent(
  path: string,
  account: { uid: number; gid?: number },
): Promise<string | undefined> {
  let existing = path
  while (!(await stat(existing).catch(() => undefined))) existing = dirname(existing)
  const parts: string[] = []
  for (let part = await realpath(existing); parts[0] !== part; part = dirname(part)) {
    parts.unshift(part)
  }
  for (const part of parts) {
    const stats = await stat(part)
    const bit = stats.uid === account.uid ? 0o100 : stats.gid === account.gid ? 0o010 : 0o001
    if (stats.isDirectory() && !(stats.mode & bit)) return part
  }
  return undefined
}

async function makePlace({ dataDirectory, account }: Settled): Promise<Place> {
  await makeReachable(dirname(dataDirectory))
  await makeOwned(dataDirectory, account)
  const resolved = await realpath(dataDirectory)
  if (!(await stat(resolved)).isDirectory()) {
    throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' })
  }
  await access(resolved, constants.W_OK | constants.X_OK)
  return { dataDirectory: resolved, account }
}

/** `mkdir -p`. What root makes anybody may pass through, whatever the umask. */
export async function makeReachable(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) return
  await makeReachable(dirname(path))
  try {
    await mkdir(path)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
  if (isRoot()) await chmod(path, 0o755)
}

/** Makes a directory of mode 0700 that belongs to the account. One that is there stays as it is. */
export async function makeOwned(path: string, account: Account | undefined): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return
    throw error
  }
  if (account) await lchown(path, account.uid, account.gid)
}

/** Makes a directory only the account can use, or checks that the one there is just that. */
export async function makePrivate(path: string, account: Account | undefined): Promise<void> {
  await makeOwned(path, account)
  const owner = account?.uid ?? process.getuid?.()
  const stats = await lstat(path)
  if (stats.isDirectory()) {
    // Root's own: we were killed between making and giving it.
    if (account && stats.uid === 0) return lchown(path, account.uid, account.gid)
    if (stats.uid === owner && (stats.mode & 0o077) === 0) return
  }
  throw new CommandError(
    `${path} is not a private directory of uid ${owner}: remove it, or choose another --data.`,
  )
}

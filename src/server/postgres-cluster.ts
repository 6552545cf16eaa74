import { lstat, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError, errorCode } from '#lib/errors'
import { type Account, makePrivate, type Place } from './postgres-account'
import { moveIntoPlace, removeLeftovers, requireSpace, temporarySibling } from './postgres-disk'
import { finishSwap } from './postgres-swap'

/** Of the Postgres we bring. */
export const majorVersion = '18'
/** A fresh cluster with its first WAL segments takes 40 MB; the rest is room to work. */
export const clusterBytesMin = 100_000_000

export const clusterDirectory = (dataDirectory: string) => join(dataDirectory, 'postgres')

/**
 * Makes `<dataDirectory>/postgres` when it is not there; when it is, checks that it is a cluster we
 * can run. `native` locates the binaries, only when they are needed. With `mustExist` none is made.
 */
export async function ensureCluster(
  place: Place,
  native: () => Promise<string>,
  mustExist: boolean,
): Promise<void> {
  const cluster = clusterDirectory(place.dataDirectory)
  await refuseForeign(place, cluster)
  await removeLeftovers(cluster)
  await finishSwap(cluster)
  if (await lstat(cluster).catch(() => undefined)) return
  if (mustExist) {
    throw new CommandError(
      `There is no database in ${place.dataDirectory}: start \`jumpstarter serve\` once, ` +
        'or correct --data.',
    )
  }
  await requireSpace(place.dataDirectory, clusterBytesMin)
  const temporary = temporarySibling(cluster)
  try {
    await makePrivate(temporary, place.account)
    await initdb(await native(), temporary, place.account)
    // When somebody else was faster, theirs is as good.
    await moveIntoPlace(temporary, cluster)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function refuseForeign({ dataDirectory, account }: Place, cluster: string): Promise<void> {
  if (await lstat(join(dataDirectory, 'PG_VERSION')).catch(() => undefined)) {
    throw new CommandError(
      `${dataDirectory} is a Postgres cluster of its own: choose another directory with --data.`,
    )
  }
  const stats = await stat(cluster).catch(() => undefined)
  if (!stats) return
  const owner = account?.uid ?? process.getuid?.()
  if (stats.uid !== owner) {
    throw new CommandError(
      `${cluster} belongs to uid ${stats.uid}, and Postgres would run as uid ${owner}: ` +
        'start Jumpstarter as its owner, chown it, or choose another directory with --data.',
    )
  }
  const version = await clusterVersion(cluster)
  if (version === '' && stats.isDirectory() && (await readdir(cluster)).length === 0) return
  if (version === '') {
    throw new CommandError(
      `${cluster} is there but is not a Postgres cluster: remove it, ` +
        'or choose another directory with --data.',
    )
  }
  if (version !== majorVersion) {
    const remedy =
      Number(version) < Number(majorVersion)
        ? `stop Jumpstarter and run \`jumpstarter upgrade-database --data ${dataDirectory}\`, ` +
          'which keeps the old data too.'
        : 'use the newer Jumpstarter that made it, or choose another directory with --data.'
    throw new CommandError(
      `The data in ${cluster} is of Postgres ${version}, ` +
        `and this program brings Postgres ${majorVersion}: ${remedy}`,
    )
  }
}

/** The major version of a cluster's data, such as `18`; empty when it is none. */
export async function clusterVersion(cluster: string): Promise<string> {
  const text = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return ''
    throw error
  })
  return text.trim()
}

async function initdb(native: string, directory: string, account: Account | undefined) {
  const child = spawnPostgres(
    [
      join(native, 'bin', 'initdb'),
      ...['-D', directory, '-U', 'jumpstarter', '--auth=trust', '--no-instructions'],
      ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      '--data-checksums',
    ],
    account,
    'pipe',
  )
  const [output, exitCode] = await Promise.all([
    new Response(child.stderr as ReadableStream).text(),
    child.exited,
  ])
  if (exitCode === 0) return
  const reason = output.split('\n').find((line) => /error|fatal|panic/i.test(line)) ?? output.trim()
  if (/no space left/i.test(reason)) throw Object.assign(new Error(reason), { code: 'ENOSPC' })
  const remedy = /could not look up effective user/.test(reason)
    ? 'Give this user a line in /etc/passwd'
    : 'Mend that'
  const quote = reason || `initdb ended with ${child.signalCode ?? exitCode}`
  throw new CommandError(
    `Postgres could not make its data directory: ${quote}. ` +
      `${remedy}, or set DATABASE_URL to a Postgres of your own.`,
  )
}

/**
 * Starts a program of Postgres in a session of its own, so that Ctrl-C in the terminal does not
 * reach it, and with nothing of the caller's environment. `stderr` is a pipe or a file descriptor.
 */
export function spawnPostgres(
  command: string[],
  account: Account | undefined,
  stderr: 'pipe' | number,
): Bun.Subprocess {
  try {
    return Bun.spawn(command, {
      ...account,
      cwd: '/',
      // TZ spares initdb the search for the host's time zone.
      env: { LC_ALL: 'C', TZ: 'UTC' },
      detached: true,
      stdio: ['ignore', 'ignore', stderr],
    })
  } catch (error) {
    throw new CommandError(
      `${command[0]} cannot run here (${errorCode(error) ?? error}): Postgres needs glibc ` +
        'and a file system that is not mounted noexec. Set JUMPSTARTER_CACHE to another ' +
        'directory, or DATABASE_URL to a Postgres of your own.',
    )
  }
}

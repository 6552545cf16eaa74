import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CommandError } from '#lib/errors'
import { isComplete, rootCacheDirectory } from './postgres-files'

/** Where Debian's packages put the programs of a version. */
const debianDirectory = (version: string) => `/usr/lib/postgresql/${version}/bin`

/**
 * What `bin` of an older Postgres is in: of `given`, a directory of its programs; else what an older
 * Jumpstarter has unpacked, or Debian installed. Throws a CommandError that says what to install.
 */
export async function locateOlder(
  version: string,
  { given, cacheDirectory }: { given: string | undefined; cacheDirectory: string },
): Promise<string> {
  if (given !== undefined) {
    const found = await versionOf(resolve(given))
    if (found === version) return dirname(resolve(given))
    throw new CommandError(
      `The data is of Postgres ${version}, and in ${given} there is ` +
        `${found ? `Postgres ${found}` : 'no program postgres'}: name another directory with --old-bin.`,
    )
  }
  for (const cache of [cacheDirectory, rootCacheDirectory]) {
    const names = await readdir(cache).catch(() => [])
    for (const name of names.filter((each) => each.startsWith(`postgres-${version}.`))) {
      const native = join(cache, name)
      if ((await isComplete(native)) && (await versionOf(join(native, 'bin'))) === version) {
        return native
      }
    }
  }
  const debian = debianDirectory(version)
  if ((await versionOf(debian)) === version) return dirname(debian)
  throw new CommandError(
    `The programs of Postgres ${version} are neither in ${cacheDirectory}, where an older ` +
      `Jumpstarter would have unpacked them, nor in ${debian}: apt-get install ` +
      `postgresql-${version}, or name their directory with --old-bin.`,
  )
}

/** The major version of the program in a directory; undefined when there is none that runs. */
async function versionOf(directory: string): Promise<string | undefined> {
  try {
    const child = Bun.spawn([join(directory, 'postgres'), '--version'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return / (\d+)\./.exec(await new Response(child.stdout).text())?.[1]
  } catch {
    return undefined
  }
}

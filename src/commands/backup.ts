import { mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { checkBackup } from '#backup/check'
import type { Manifest } from '#backup/manifest'
import { deleteOld, nameAt, newestIn } from '#backup/retention'
import { writeBackup } from '#backup/write'
import { type Config, loadConfig } from '#config'
import { isBeingFilled, migrationState } from '#db/migrations'
import type { Embedded } from '#embedded'
import { CommandError } from '#lib/errors'
import { formatCount, plural } from '#lib/text'
import type { Command } from './command'
import { type OpenDatabase, withDatabase } from './database'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress, type Progress } from './progress'

const usage = `Usage: jumpstarter backup [DIRECTORY|FILE] [--keep N] [--data DIRECTORY]
       jumpstarter backup verify FILE|DIRECTORY

Writes the whole database as it is at one moment into one file, while the site goes on; migrations
wait. In a directory, by default this one, the file is called jumpstarter-DATE.tar; a directory that
is not there yet is made when its name ends with a slash. Nothing stands under that name until it
is complete. The file is for its owner's eyes alone, is not encrypted, and holds what the database
holds: addresses, passwords as argon2id, keys of webhooks. Pictures that are kept in S3 stay there.

verify reads all of a file, or of the newest in a directory, without a database, and says what has
been damaged.

  --keep N    in a directory: keep the newest N backups there, this one among them, and delete older
              ones; other files stay. Give each site a directory of its own
  --data DIR  where the embedded Postgres keeps its data
  --help      show this

The file is a tar of tables (zstd, the text format of COPY), manifest.json and SHA256SUMS, which
tar, zstd, sha256sum and psql can read too. A cron line for each night, two weeks kept:
  0 3 * * *  jumpstarter backup /var/backups/jumpstarter/ --keep 14
See jumpstarter restore --help for the way back. Exits 0, or 1 when there is no good backup.`

const keepMax = 10_000
/** Where lines are written one below the other, one for so much of the whole. */
const lineEvery = 0.1

export const backup: Command = {
  summary: 'write the database into one file, while serving; check such a file',
  usage,
  run: async (args, { embedded }) => {
    if (args[0] === 'verify') return await verifyFile(args.slice(1))
    const flags = { keep: { type: 'string' }, data: { type: 'string' } } as const
    const { values, positionals } = parseFlags('backup', args, flags, 1)
    const { directory, path } = placeFor(positionals[0] ?? '.')
    const keep = values.keep && wholeNumber('--keep', values.keep, 1, keepMax)
    if (keep && !directory) throw new CommandError('--keep goes with a directory, not a file.', 2)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const manifest = await write(config, embedded, path)
    console.log(`${path}: ${describe(manifest)}`)
    const { elsewhere, place } = manifest.pictures
    if (elsewhere > 0) {
      console.log(
        `${plural(elsewhere, 'picture')} of ${manifest.pictures.count} ${elsewhere === 1 ? 'is' : 'are'} ` +
          `not in it, but in ${place ?? 'another storage'}: keep that too.`,
      )
    }
    if (keep && directory) {
      for (const name of await deleteOld(directory, keep)) console.log(`Deleted ${name}.`)
    }
    return 0
  },
}

/** `5 tables, 1,234 rows, from 2026-11-23T15:55:00.000Z`, with the size of the parts. */
export function describe({ tables, at }: Manifest): string {
  const sum = (of: (table: Manifest['tables'][number]) => number) =>
    tables.reduce((all, table) => all + of(table), 0)
  const megabytes = (sum(({ part }) => part.bytes) / 1e6).toFixed(1)
  const rows = formatCount(sum((table) => table.rows))
  return `${plural(tables.length, 'table')}, ${rows} rows, ${megabytes} MB, as of ${at}.`
}

/** A bar that is made when it is known how many rows there are; elsewhere a few lines. */
export function reporting(title: string) {
  let bar: Progress | undefined
  let next = 0
  return {
    report: (what: string, fraction: number, rows: number) => {
      bar ??= createProgress(title, rows)
      if (!process.stderr.isTTY && fraction < next) return
      next = fraction + lineEvery
      bar.report(what, fraction)
    },
    end: () => bar?.end(),
  }
}

function placeFor(word: string): { directory: string | undefined; path: string } {
  if (word.endsWith('/')) mkdirSync(word, { recursive: true, mode: 0o700 })
  const isDirectory = statSync(word, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (!isDirectory) return { directory: undefined, path: resolve(word) }
  return { directory: resolve(word), path: resolve(join(word, nameAt(new Date()))) }
}

async function write(
  config: Config,
  embedded: Embedded | undefined,
  path: string,
): Promise<Manifest> {
  const applicationName = 'jumpstarter backup'
  const surroundings = { config, embedded, applicationName, mustExist: true }
  const { imageBucket } = config
  const pictures = imageBucket && `s3://${imageBucket.bucket}/${imageBucket.prefix}`
  return await withDatabase(surroundings, async ({ db, takeSignals }) => {
    await requireTables(db)
    takeSignals()
    return await interruptible(async (signal) => {
      const { report, end } = reporting('Backing up')
      const session = await db.$client.reserve()
      const options = { pictures, signal, onProgress: report }
      const manifest = await writeBackup(session, path, options)
      session.release()
      end()
      return manifest
    })
  })
}

async function requireTables(db: OpenDatabase['db']): Promise<void> {
  if (await isBeingFilled(db.$client)) {
    throw new CommandError('This database is being filled by `jumpstarter seed`: wait for it.')
  }
  const { applied, unknown } = await migrationState(db)
  if (unknown.length > 0) {
    throw new CommandError(
      `The database’s schema is newer than this program, with ${unknown.join(', ')}: use the ` +
        'Jumpstarter that serves it.',
    )
  }
  if (applied.length === 0) throw new CommandError('There is nothing in this database yet.')
}

async function fileAt(path: string): Promise<string> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  const newest = await newestIn(path)
  if (newest === undefined) throw new CommandError(`There is no backup in ${path}.`)
  return newest
}

async function verifyFile(args: string[]): Promise<number> {
  const { positionals } = parseFlags('backup verify', args, {}, 1)
  const [place] = positionals
  if (place === undefined) throw new CommandError('backup verify takes the file of a backup.', 2)
  const file = await fileAt(resolve(place))
  const { report, end } = reporting('Reading')
  const { manifest, wrong } = await checkBackup(file, report)
  end()
  for (const sentence of wrong) console.error(`jumpstarter: ${sentence}`)
  if (wrong.length > 0) return 1
  console.log(`${file} is whole: ${describe(manifest)}`)
  return 0
}

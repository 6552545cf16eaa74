import { z } from 'zod'
import { migrations } from '#db/migrations'
import { CommandError } from '#lib/errors'

export const manifestName = 'manifest.json'
/** For `sha256sum -c`. */
export const sumsName = 'SHA256SUMS'
export const partName = (table: string) => `${table}.copy.zst`

const count = z.number().int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const manifest = z.object({
  format: z.literal(1),
  program: z.string(),
  postgres: z.string(),
  database: z.object({ name: z.string(), bytes: count }),
  /** When the database was as it is in here. */
  at: z.iso.datetime(),
  migrations: z.array(z.object({ tag: z.string(), sha256 })),
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.string()),
      rows: count,
      /** Of the rows as text. */
      bytes: count,
      /** The same whatever their order. */
      checksum: z.string().regex(/^[0-9a-f]{16}$/),
      part: z.object({ bytes: count, sha256 }),
    }),
  ),
  sequences: z.array(z.object({ name: z.string(), last: z.string().nullable() })),
  /** How many there are, and where those are whose files are not in here. */
  pictures: z.object({ count, elsewhere: count, place: z.string().nullable() }),
})

export type Manifest = z.infer<typeof manifest>
export type TableRecord = Manifest['tables'][number]

/** Throws CommandError for what this program cannot read. */
export function parseManifest(file: string, text: string): Manifest {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw new CommandError(`${file}: its manifest is damaged.`)
  }
  const format = (content as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format > 1) {
    throw new CommandError(`${file} has format ${format}, which a newer Jumpstarter reads.`)
  }
  const parsed = manifest.safeParse(content)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' }
  throw new CommandError(`${file}: its manifest is wrong at ${path.join('.')}: ${message}.`)
}

/** Throws CommandError unless this program knows the schema and has it in the same words. */
export function requireKnownSchema(file: string, { migrations: applied, program }: Manifest): void {
  const digests = new Map(
    migrations.map(({ tag, sql }) => [
      tag,
      new Bun.CryptoHasher('sha256').update(sql).digest('hex'),
    ]),
  )
  const unknown = applied.map(({ tag }) => tag).filter((tag) => !digests.has(tag))
  if (unknown.length > 0) {
    throw new CommandError(
      `${file} has a newer schema than this program, with ${unknown.join(', ')}: restore it with ` +
        `Jumpstarter ${program} or later.`,
    )
  }
  const other = applied.find(({ tag, sha256 }) => digests.get(tag) !== sha256)
  if (other) {
    throw new CommandError(
      `${file} was made from a database in which migration ${other.tag} has another text than in ` +
        `this program: restore it with the Jumpstarter that made it, ${program}.`,
    )
  }
}

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CommandError } from '#lib/errors'

const count = z.number().int().nonnegative()

/** What stands around the rows of every result; a field more is of a program we do not know. */
const resultSchema = z.strictObject({
  bench: z.string(),
  command: z.string(),
  date: z.iso.datetime(),
  commit: z.string().nullable(),
  machine: z.strictObject({
    cpu: z.string(),
    cores: count,
    memory_gb: z.number().nonnegative(),
    kernel: z.string(),
  }),
  versions: z.record(z.string(), z.string()),
  scale: z.strictObject({ projects: count, people: count, pledges: count }),
  rows: z.array(z.looseObject({ id: z.string() })).min(1),
  notes: z.array(z.string()).default([]),
})

export type Result = z.infer<typeof resultSchema>

/**
 * The results of these benches that the directory has, by name; other files are left alone. Throws
 * a CommandError that names the file and the field of what cannot be read.
 */
export async function readResults(
  directory: string,
  benches: string[],
): Promise<Map<string, Result>> {
  const isDirectory = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isDirectory) {
    throw new CommandError(`There is no directory ${directory}. Name one with --results.`, 2)
  }
  const results = new Map<string, Result>()
  for (const bench of benches) {
    const path = join(directory, `${bench}.json`)
    const file = Bun.file(path)
    if (!(await file.exists())) continue
    const result = checked(resultSchema, parsed(await file.text(), path), path)
    if (result.bench !== bench) {
      throw new CommandError(
        `${path}: bench is ${result.bench}, which the file is not named after.`,
      )
    }
    results.set(bench, result)
  }
  return results
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`${path} is not JSON: ${reason}. ${remedy}`)
  }
}

const remedy = 'Measure again with this program.'

/** The value as the schema has it; a CommandError names the first field that is not so. */
export function checked<Output>(schema: z.ZodType<Output>, value: unknown, path: string): Output {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  const [issue] = error.issues
  const field = z.core.toDotPath(issue?.path ?? []) || 'the whole'
  throw new CommandError(`${path}: ${field} is not as expected: ${issue?.message}. ${remedy}`)
}

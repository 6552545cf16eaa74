import { readdir } from 'node:fs/promises'
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
 * Every result of the directory by the name of its bench. Throws a CommandError that names the file
 * and the field of what cannot be read.
 */
export async function readResults(directory: string): Promise<Map<string, Result>> {
  const names = await readdir(directory).catch(() => {
    throw new CommandError(`There is no directory ${directory}. Name one with --results.`, 2)
  })
  const results = new Map<string, Result>()
  for (const name of names.filter((each) => each.endsWith('.json')).toSorted()) {
    const path = join(directory, name)
    const result = checked(resultSchema, parsed(await Bun.file(path).text(), path), path)
    if (`${result.bench}.json` !== name) {
      throw new CommandError(
        `${path}: bench is ${result.bench}, which the file is not named after.`,
      )
    }
    results.set(result.bench, result)
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

const remedy = 'Remove it, or measure again with this program.'

/** The value as the schema has it; a CommandError names the first field that is not so. */
export function checked<Output>(schema: z.ZodType<Output>, value: unknown, path: string): Output {
  const { success, data, error } = schema.safeParse(value)
  if (success) return data
  const [issue] = error.issues
  const field = z.core.toDotPath(issue?.path ?? []) || 'the whole'
  throw new CommandError(`${path}: ${field} is not as expected: ${issue?.message}. ${remedy}`)
}

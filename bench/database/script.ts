import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { connectionOptions, type Db } from '#db/client'

/** A statement as it went over the wire. */
export interface Statement {
  text: string
  parameters: readonly unknown[]
}

/** A pgbench script and the variables it is started with (`name=value`). */
export interface Script {
  text: string
  defines: string[]
}

/**
 * The statements that `work` sends, in their order, with `begin` and `commit`: from the driver itself,
 * so that pgbench is given what our code really asks and not a copy of it.
 */
export async function captureStatements(
  url: string,
  work: (db: Db) => Promise<unknown>,
): Promise<Statement[]> {
  const statements: Statement[] = []
  const client = postgres({
    ...connectionOptions(url),
    max: 1,
    // Otherwise the driver's own question about array types would be among them.
    fetch_types: false,
    debug: (_connection, text, parameters) => {
      statements.push({ text: text.trim(), parameters: [...parameters] })
    },
  })
  try {
    await work(drizzle({ client, casing: 'snake_case' }))
  } finally {
    await client.end({ timeout: 1 })
  }
  return statements
}

/**
 * Of what one lookup sends, the statements that ask for its key, for one key alone: we ask for
 * several at once, which the clients of pgbench cannot. What a process asks once is left out.
 */
export function forOneKey(statements: readonly Statement[], key: number): Statement[] {
  return statements
    .filter(({ parameters }) => parameters[0] === `{${key}}`)
    .map(({ text }) => ({ text: text.replace('= any($1)', '= $1'), parameters: [key] }))
}

/**
 * A pgbench script of these statements. A parameter whose value is in `variables` becomes that
 * variable, which `lines` set; every other keeps its value.
 */
export function pgbenchScript(
  statements: readonly Statement[],
  options: { lines?: string[]; variables?: ReadonlyMap<string, string>; prefix?: string } = {},
): Script {
  const { lines = [], variables = new Map(), prefix = 'p' } = options
  const defines = new Map<string, string>()
  const texts = statements.map(({ text, parameters }, index) =>
    text.replace(/\$(\d+)/g, (_, number: string) => {
      const value = parameters[Number(number) - 1]
      // pgbench's variables cannot be null.
      if (value === null || value === undefined) return 'null'
      const known = variables.get(String(value))
      if (known !== undefined) return `:${known}`
      const name = `${prefix}_${index}_${number}`
      defines.set(name, value instanceof Date ? value.toISOString() : String(value))
      return `:${name}`
    }),
  )
  return {
    text: `${[...lines, ...texts.map((text) => `${text};`)].join('\n')}\n`,
    defines: [...defines].map(([name, value]) => `${name}=${value}`),
  }
}

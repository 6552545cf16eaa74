import { bigint, customType, integer, timestamp } from 'drizzle-orm/pg-core'

export const id = () => bigint({ mode: 'number' })
/** Minor units of the project's currency. */
export const money = () => bigint({ mode: 'number' })
export const count = () => integer().notNull().default(0)
export const time = () => timestamp({ withTimezone: true, mode: 'date' })
export const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })
export const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** `'a', 'b'`: the values as SQL literals, for check constraints. */
export function sqlList(values: readonly string[]): string {
  return values.map((value) => `'${value}'`).join(', ')
}

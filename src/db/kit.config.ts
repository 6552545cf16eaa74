import type { Config } from 'drizzle-kit'

/** For `bun run db:generate --name …` only; the program applies migrations itself. */
export const kitConfig = {
  dialect: 'postgresql',
  schema: './src/db/schema/*.ts',
  out: './drizzle',
  casing: 'snake_case',
} satisfies Config

// drizzle-kit reads the default export and nothing else.
// biome-ignore lint/style/noDefaultExport: see above
export default kitConfig

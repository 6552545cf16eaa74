/** Comments, texts, names in quotes, bodies of functions, and what separates statements. */
const parts = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|;/g

/** The statements of a migration, without comments. */
export function statementsOf(sql: string): string[] {
  const statements: string[] = []
  let statement = ''
  let from = 0
  const end = () => {
    const text = statement.trim()
    if (text !== '') statements.push(text)
    statement = ''
  }
  for (const match of sql.matchAll(parts)) {
    const [part] = match
    statement += sql.slice(from, match.index)
    from = match.index + part.length
    if (part === ';') end()
    else statement += /^(--|\/\*)/.test(part) ? ' ' : part
  }
  statement += sql.slice(from)
  end()
  return statements
}

const concurrently = /\b(index)\s+concurrently\b/gi

/** Whether it builds indexes beside those who write, for which Postgres takes no transaction. */
export const isConcurrent = (sql: string): boolean =>
  statementsOf(sql).some((statement) => statement.search(concurrently) >= 0)

/** The same for tables that nobody else uses. */
export const inTransaction = (sql: string): string => sql.replaceAll(concurrently, '$1')

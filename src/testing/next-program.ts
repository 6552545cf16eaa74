import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Migration } from '#db/migrations'

const root = resolve(import.meta.dir, '..', '..')
const copied = ['src', 'drizzle', 'seed', 'bench', 'package.json', 'tsconfig.json', 'bunfig.toml']
const entries = /\n\]\n/
const list = 'src/db/migrations.ts'

/**
 * Makes the version after this one in a directory: the same source with further migrations, and
 * words for others in what asks the database. Returns how it is started.
 */
export async function makeNextProgram(
  directory: string,
  migrations: readonly Migration[],
  words: readonly (readonly [string, string])[],
): Promise<string[]> {
  await mkdir(directory, { recursive: true })
  const filter = (path: string) => !/\/(results|meta|peers)$/.test(path)
  for (const name of copied) {
    await cp(join(root, name), join(directory, name), { recursive: true, filter })
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  for (const file of new Bun.Glob('src/**/*.ts').scanSync(directory)) {
    if (!/^src\/(features|db\/schema)\//.test(file)) continue
    const path = join(directory, file)
    const text = await readFile(path, 'utf8')
    const changed = words.reduce((now, [word, instead]) => now.replaceAll(word, instead), text)
    if (changed !== text) await writeFile(path, changed)
  }
  const known = await readFile(join(directory, list), 'utf8')
  const imports: string[] = []
  const items: string[] = []
  for (const [index, { tag, sql }] of migrations.entries()) {
    await writeFile(join(directory, 'drizzle', `${tag}.sql`), sql)
    imports.push(`import next${index} from '../../drizzle/${tag}.sql' with { type: 'text' }\n`)
    items.push(`\n  { tag: '${tag}', sql: next${index} },`)
  }
  const more = known.replace(entries, `${items.join('')}\n]\n`)
  await writeFile(join(directory, list), imports.join('') + more)
  return [process.execPath, join(directory, 'src', 'main.ts')]
}

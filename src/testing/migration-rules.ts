import { isConcurrent, statementsOf } from '#db/migration-text'

interface Migration {
  tag: string
  sql: string
}

/** What may not stand in a migration: in none, or in none that runs beside an older program. */
interface Rule {
  inPost: boolean
  pattern: RegExp
  unless?: RegExp
  why: string
}

const rewrites = String.raw`generated always as \(|as identity|\b(?:big|small)?serial\b|default \(?(?:gen_random_uuid|random|clock_timestamp|nextval|uuidv\w*)\(`

/** Of one action of `alter table` on a table that others use. */
const actionRules: Rule[] = [
  { inPost: true, pattern: /^rename/, why: 'renames: older programs ask for the old name' },
  {
    ...{ inPost: true, pattern: /^drop (?!constraint)/ },
    why: 'drops a column, which older programs read',
  },
  { inPost: true, pattern: /^alter .* set not null/, why: 'forbids what older programs may write' },
  { inPost: true, pattern: /^alter .* drop (default|identity|expression)/, why: 'drops a default' },
  {
    ...{ inPost: false, pattern: /^alter .* (set data )?type / },
    why: 'changes a type, which writes the whole table anew: add a column instead',
  },
  {
    ...{
      inPost: false,
      pattern: /^add (?!constraint).* not null/,
      unless: / default | generated /,
    },
    why: 'adds a column that may not be null, and has no default',
  },
  {
    ...{ inPost: false, pattern: new RegExp(`^add (?!constraint).*(${rewrites})`) },
    why: 'adds a column that is worked out for each row, which writes the whole table anew',
  },
  {
    ...{ inPost: false, pattern: /^add (?!constraint).* (unique|primary key)/ },
    why: 'builds an index while nobody may write: create it concurrently first',
  },
  {
    ...{ inPost: false, pattern: /^add constraint .*(foreign key|check)/, unless: /not valid/ },
    why: 'reads all rows while nobody may write: add it not valid, and validate it afterwards',
  },
  {
    ...{ inPost: false, pattern: /^add constraint .*(unique|primary key)/, unless: /using index/ },
    why: 'builds an index while nobody may write: create it concurrently, then add it using index',
  },
]

/** Of any other statement. */
const statementRules: Rule[] = [
  {
    ...{ inPost: true, pattern: /^drop (?!policy)/ },
    why: 'drops something, which older programs use',
  },
  {
    inPost: true,
    pattern: /^alter \w+ .* rename /,
    why: 'renames: older programs ask for the old name',
  },
  { inPost: true, pattern: /^(delete|truncate)/, why: 'deletes what older programs read' },
  {
    ...{ inPost: false, pattern: /^(vacuum full|cluster|lock|reindex)/, unless: /concurrently/ },
    why: 'locks a whole table',
  },
]

const named = String.raw`(?:if not exists )?(?:if exists )?(?:only )?"?(?:public"?\."?)?(\w+)"?`
const createTable = new RegExp(`^create table ${named}`)
const alterTable = new RegExp(`^alter table ${named} (.*)$`)
const createIndex = new RegExp(
  `^create (?:unique )?index (?:concurrently )?(?:if not exists )?(?:"?\\w+"? )?on ${named}`,
)
const ofIndexes = /^(create (unique )?index concurrently|drop index concurrently|comment on index)/

/** What in a migration would stop a site, or an older program beside it: a sentence for each. */
export function judgeMigration({ tag, sql }: Migration): string[] {
  const isPost = tag.endsWith('.post')
  const statements = statementsOf(sql).map(plain)
  const made = new Set(statements.flatMap((text) => createTable.exec(text)?.[1] ?? []))
  const broken = (text: string, rules: Rule[]) =>
    rules
      .filter(
        ({ inPost, pattern, unless }) =>
          !(isPost && inPost) && pattern.test(text) && !unless?.test(text),
      )
      .map(({ why }) => `${tag}: “${text.slice(0, 60)}” ${why}`)
  const found = statements.flatMap((text) => {
    const [, table = '', actions = ''] = alterTable.exec(text) ?? []
    if (table !== '') {
      return made.has(table) ? [] : actionsOf(actions).flatMap((each) => broken(each, actionRules))
    }
    const indexed = createIndex.exec(text)?.[1]
    if (indexed !== undefined && !made.has(indexed) && !text.includes('concurrently')) {
      return [`${tag}: “${text.slice(0, 60)}” stops those who write: create it concurrently`]
    }
    return broken(text, statementRules)
  })
  if (!isConcurrent(sql)) return found
  const others = statements.filter((text) => !ofIndexes.test(text))
  return [
    ...found,
    ...others.map(
      (text) =>
        `${tag}: “${text.slice(0, 60)}” is in no transaction beside an index that is built ` +
        'concurrently: give the index a migration of its own',
    ),
  ]
}

/** In small letters, on one line, without the texts and bodies in it. */
const plain = (statement: string) =>
  statement
    .replaceAll(/'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/\s+/g, ' ')
    .toLowerCase()

/** What stands between commas outside of parentheses. */
function actionsOf(text: string): string[] {
  const actions = ['']
  let depth = 0
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) actions.push('')
    else actions[actions.length - 1] += character
  }
  return actions.map((action) => action.trim().replace(/^(add|drop|alter) column /, '$1 '))
}

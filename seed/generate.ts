import type postgres from 'postgres'
import { CommandError } from '#lib/errors'
import { slugify } from '#lib/slug'
import wordTables from './sql/000-words.sql' with { type: 'text' }
import functions from './sql/010-functions.sql' with { type: 'text' }
import people from './sql/020-people.sql' with { type: 'text' }
import plan from './sql/030-plan.sql' with { type: 'text' }
import projects from './sql/040-projects.sql' with { type: 'text' }
import rewards from './sql/050-rewards.sql' with { type: 'text' }
import pledges from './sql/060-pledges.sql' with { type: 'text' }
import community from './sql/070-community.sql' with { type: 'text' }
import totals from './sql/080-totals.sql' with { type: 'text' }
import { categories } from './words/categories'
import { bios, firstNames, lastNames } from './words/people'
import { places } from './words/places'

export interface SeedScale {
  people: number
  projects: number
  pledges: number
  /** The moment that counts as now: what ends later is live. */
  at: Date
}

/** Thousands of rows: what `serve --demo` fills an empty database with. */
export const demoScale = { people: 20_000, projects: 2_000, pledges: 60_000 }

export interface SeedProgress {
  phase: string
  /** Share of the whole work done when the phase begins, 0 to 1. */
  fraction: number
}

// What a phase costs, relative to the others, measured on the demo.
const phases: { name: string; sql: string; cost: number }[] = [
  { name: 'people', sql: people, cost: 6 },
  { name: 'plan', sql: plan, cost: 2 },
  { name: 'projects', sql: projects, cost: 10 },
  { name: 'rewards', sql: rewards, cost: 12 },
  { name: 'pledges', sql: pledges, cost: 30 },
  { name: 'community', sql: community, cost: 25 },
  { name: 'totals', sql: totals, cost: 15 },
]

// Any constant of our own; `seed` in ASCII.
const advisoryLockKey = 0x73656564

/** Whether there is anybody or anything in this database. */
export async function isEmpty(client: postgres.Sql): Promise<boolean> {
  const [row] =
    await client`select exists (select from people) or exists (select from projects) as used`
  return !row?.['used']
}

/**
 * Fills an empty database, all or nothing: one transaction, inside Postgres, from the word lists.
 * The same scale gives the same rows. Throws a CommandError when the database is not empty.
 */
export async function seed(
  client: postgres.Sql,
  scale: SeedScale,
  onProgress: (progress: SeedProgress) => void = () => {},
): Promise<void> {
  await client.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${advisoryLockKey})`
    if (!(await isEmpty(tx as unknown as postgres.Sql))) {
      throw new CommandError('The database is not empty: nothing was seeded. Use an empty one.')
    }
    await tx.unsafe(
      "set local client_min_messages = 'error'; set local work_mem = '128MB'; set local timezone = 'UTC'",
    )
    await tx.unsafe(wordTables)
    await loadWords(tx, scale)
    await tx.unsafe(functions)
    const whole = phases.reduce((sum, phase) => sum + phase.cost, 0)
    let done = 0
    for (const phase of phases) {
      onProgress({ phase: phase.name, fraction: done / whole })
      await tx.unsafe(phase.sql)
      done += phase.cost
    }
    await tx.unsafe("set local client_min_messages = 'error'; drop schema seed cascade")
  })
  onProgress({ phase: 'statistics', fraction: 0.99 })
  await client.unsafe('vacuum analyze')
  onProgress({ phase: 'done', fraction: 1 })
}

async function loadWords(tx: postgres.TransactionSql, scale: SeedScale): Promise<void> {
  const load = (table: string, rows: unknown[]) =>
    tx.unsafe(
      `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::text::jsonb)`,
      [JSON.stringify(rows)],
    )
  const placeDraws = places.flatMap((place) => Array<typeof place>(place.weight).fill(place))
  const categoryDraws = categories.flatMap(({ words, share }) =>
    Array<string>(share).fill(words.slug),
  )
  await tx.unsafe(
    `insert into places (state, city, country, state_slug, city_slug)
     select * from jsonb_to_recordset($1::text::jsonb)
       as place (state text, city text, country text, state_slug text, city_slug text)`,
    [JSON.stringify(placeRows())],
  )
  await load('seed.scale', [
    {
      ...scale,
      place_draws: placeDraws.length,
      category_draws: categoryDraws.length,
      first_names: firstNames.length,
      last_names: lastNames.length,
      bios: bios.length,
    },
  ])
  await load(
    'seed.first_names',
    numbered(firstNames, (name) => ({ name })),
  )
  await load(
    'seed.last_names',
    numbered(lastNames, (name) => ({ name })),
  )
  await load(
    'seed.bios',
    numbered(bios, (bio) => ({ bio })),
  )
  await load(
    'seed.place_draws',
    numbered(placeDraws, ({ state, city }) => ({ state, city })),
  )
  await load(
    'seed.category_draws',
    numbered(categoryDraws, (category) => ({ category })),
  )
  for (const { words } of categories) {
    const { slug: category, subcategories, story, rewards: tiers, updates, faqs, ...lists } = words
    await load('seed.words', [{ category, subcategories: subcategories.length, ...lists }])
    await load(
      'seed.subcategory_words',
      subcategories.map(({ slug, things, abouts }, index) => ({
        category,
        position: index + 1,
        slug: `${category}/${slug}`,
        things,
        abouts,
      })),
    )
    const own = <Words>(list: Words[], row: (words: Words) => object) =>
      numbered(list, (item) => ({ category, ...row(item) }))
    await load(
      'seed.story_parts',
      own(story, (variants) => ({ variants })),
    )
    await load(
      'seed.reward_words',
      own(tiers, (tier) => tier),
    )
    await load(
      'seed.update_words',
      own(updates, (update) => update),
    )
    await load(
      'seed.faq_words',
      own(faqs, (faq) => faq),
    )
  }
}

/** Rows numbered from 1, as the SQL draws them. */
function numbered<Item>(list: Item[], row: (item: Item) => object): object[] {
  return list.map((item, index) => ({ number: index + 1, ...row(item) }))
}

function placeRows() {
  return places.map(({ state, city, country }) => ({
    state,
    city,
    country,
    state_slug: slugify(state),
    city_slug: slugify(city),
  }))
}

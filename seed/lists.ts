import type postgres from 'postgres'
import { slugify } from '#lib/slug'
import wordTables from './sql/000-words.sql' with { type: 'text' }
import functions from './sql/010-functions.sql' with { type: 'text' }
import { categories } from './words/categories'
import { bios, firstNames, lastNames } from './words/people'
import { places } from './words/places'
import type { CategoryWords } from './words/types'

/** Tables for the word lists and functions that draw from them, in a schema `seed` that exists. */
export const wordSql = `${wordTables}${functions}`

/** Fills the tables of `wordSql` and `places`. `scale` is a row of `seed.scale`. */
export async function loadWords(tx: Pick<postgres.Sql, 'unsafe'>, scale: object): Promise<void> {
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
  for (const { words } of categories) await loadCategory(load, words)
}

type Load = (table: string, rows: unknown[]) => Promise<unknown>

async function loadCategory(load: Load, words: CategoryWords): Promise<void> {
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

import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  char,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
} from 'drizzle-orm/pg-core'
import { count, id, money, sqlList, time, tsvector } from './columns'

// What stands inside a project has a primary key that begins with project_id: one project is one
// shard. What each index serves is in the counters migration, as a comment on the index itself.

export const people = pgTable('people', {
  id: id().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
  bio: text().notNull().default(''),
  city: text().notNull().default(''),
  state: text().notNull().default(''),
  country: text().notNull().default(''),
  joinedAt: time().notNull().defaultNow(),
  /** Listed ones. */
  projectsCount: count(),
  /** To listed projects, under the person's name: what their page shows. */
  pledgesCount: count(),
  /** An uploaded picture; without one the site draws it. */
  image: text(),
  /** Whoever has left is nobody any more, and what they did stays. */
  deletedAt: time(),
  /** Has ever pledged: so a pledge need not look through other projects for whether one has. */
  hasBacked: boolean().notNull().default(false),
})

/** Fifteen categories and, with a parent, their subcategories: `games` and `games/tabletop`. */
export const categories = pgTable(
  'categories',
  {
    slug: text().primaryKey(),
    parent: text(),
    name: text().notNull(),
    position: smallint().notNull(),
    projectsCount: count(),
    liveCount: count(),
    /** Where its projects stand in the listing indexes. */
    number: integer().notNull().unique('categories_number').generatedAlwaysAsIdentity(),
  },
  (t) => [foreignKey({ name: 'categories_parent', columns: [t.parent], foreignColumns: [t.slug] })],
)

/** Every (state, city) a project has come from. */
export const places = pgTable(
  'places',
  {
    state: text().notNull(),
    city: text().notNull(),
    country: text().notNull(),
    stateSlug: text().notNull(),
    citySlug: text().notNull(),
    projectsCount: count(),
    liveCount: count(),
    /** Where its projects stand in the listing indexes. */
    number: integer().notNull().unique('places_number').generatedAlwaysAsIdentity(),
  },
  (t) => [
    primaryKey({ columns: [t.state, t.city] }),
    unique('places_slugs').on(t.stateSlug, t.citySlug),
    index('places_by_live_count').on(t.liveCount, t.state, t.city),
  ],
)

export const projectStatuses = [
  'draft',
  'submitted',
  'rejected',
  'live',
  'successful',
  'failed',
  'canceled',
  'suspended',
] as const

// A tenfold of backers lifts a project as much as launching this much later.
const popularityTenfoldSeconds = 7 * 24 * 3600

export const projects = pgTable(
  'projects',
  {
    id: id().primaryKey().generatedAlwaysAsIdentity(),
    creatorId: id()
      .notNull()
      .references(() => people.id),
    creatorName: text().notNull(),
    status: text({ enum: projectStatuses }).notNull().default('draft'),
    title: text().notNull(),
    description: text().notNull(),
    category: text()
      .notNull()
      .references(() => categories.slug),
    subcategory: text()
      .notNull()
      .references(() => categories.slug),
    city: text().notNull(),
    state: text().notNull(),
    country: text().notNull(),
    tags: text().array().notNull().default(sql`'{}'`),
    /** An uploaded picture; without one the site draws it from category and id. */
    image: text(),
    currency: char({ length: 3 }).notNull().default('USD'),
    goal: money().notNull(),
    allOrNothing: boolean().notNull().default(true),
    pledged: money().notNull().default(0),
    backersCount: count(),
    updatesCount: count(),
    commentsCount: count(),
    faqsCount: count(),
    savesCount: count(),
    createdAt: time().notNull().defaultNow(),
    launchedAt: time(),
    endsAt: time(),
    featuredAt: time(),
    popularity: bigint({ mode: 'number' })
      .notNull()
      .generatedAlwaysAs(
        sql.raw(
          `coalesce(extract(epoch from launched_at - timestamptz '2018-01-01 00:00:00+00')::bigint, 0)` +
            ` + (log(greatest(backers_count, 1)::double precision) * ${popularityTenfoldSeconds})::bigint`,
        ),
      ),
    /** The words it is found by, without positions: `search_words` makes them. */
    search: tsvector().notNull().default(''),
    /** 0 for most, 1 from a hundred backers, 2 from a thousand: search asks the known first. */
    reach: smallint()
      .notNull()
      .generatedAlwaysAs(
        sql.raw(
          'case when backers_count >= 1000 then 2 when backers_count >= 100 then 1 else 0 end',
        ),
      ),
    // Set by the trigger projects_keys, never by hand. A shelf is what one status holds of
    // everything, of a category, a subcategory or a place.
    shelf: integer().notNull().default(0),
    categoryShelf: integer().notNull().default(0),
    subcategoryShelf: integer().notNull().default(0),
    placeShelf: integer().notNull().default(0),
    /** Of one that is over: staff has taken it down; why is in the audit log. */
    hiddenAt: time(),
  },
  (t) => [
    foreignKey({
      name: 'projects_place',
      columns: [t.state, t.city],
      foreignColumns: [places.state, places.city],
    }),
    check('projects_status', sql`${t.status} in (${sql.raw(sqlList(projectStatuses))})`),
    check('projects_goal', sql`${t.goal} > 0 or (${t.goal} = 0 and ${t.status} = 'draft')`),
    check(
      'projects_launch',
      sql`${t.launchedAt} is null or (${t.endsAt} is not null and ${t.endsAt} > ${t.launchedAt})`,
    ),
    index('projects_by_creator').on(t.creatorId, t.id),
    index('projects_featured')
      .on(t.featuredAt, t.id)
      .where(sql`featured_at is not null and status = 'live'`),
    index('projects_search').using('gin', t.search),
    index('projects_search_known').using('gin', t.search).where(sql`reach >= 1`),
    index('projects_search_famous').using('gin', t.search).where(sql`reach >= 2`),
    ...listingIndexes('projects', 'shelf', t.id),
    ...listingIndexes('projects_category', 'category_shelf', t.id),
    ...listingIndexes('projects_subcategory', 'subcategory_shelf', t.id),
    ...listingIndexes('projects_place', 'place_shelf', t.id),
  ],
)

/** What each sort of a listing goes by, as whole numbers that fit `listing_key`. */
export const listingValues = {
  newest: 'id',
  popular: 'popularity',
  ending: 'listing_seconds(ends_at)',
  most_funded: 'pledged',
  most_backed: 'backers_count',
} as const

/**
 * One index for each of the five sorts of a listing. Shelf and value are packed into one number: it
 * is compared at once, so the index is built twice as fast as over two columns, and is smaller.
 */
function listingIndexes(name: string, shelf: string, id: AnyPgColumn) {
  return Object.entries(listingValues).map(([sort, value]) =>
    index(`${name}_${sort}`).on(sql.raw(`listing_key(${shelf}, ${value})`), id),
  )
}

/** The long texts of a project, apart from the row that every list reads. */
export const stories = pgTable('stories', {
  projectId: id()
    .primaryKey()
    .references(() => projects.id),
  story: text().notNull(),
  risks: text().notNull(),
  budget: jsonb().$type<{ label: string; amount: number }[]>().notNull(),
})

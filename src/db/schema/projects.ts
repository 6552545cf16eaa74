import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  char,
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
} from 'drizzle-orm/pg-core'
import { count, folded, id, money, sqlList, time, tsvector } from './columns'

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

const placeAndCategory =
  "city || ' ' || state || ' ' || country || ' ' || translate(subcategory, '/-', '  ')"

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
    search: tsvector()
      .notNull()
      .generatedAlwaysAs(
        sql.raw(
          [
            `setweight(to_tsvector('english', ${folded('title')}), 'A')`,
            `setweight(to_tsvector('english', ${folded('description')}), 'B')`,
            `setweight(to_tsvector('english', ${folded('creator_name')}), 'C')`,
            `setweight(to_tsvector('english', ${folded(placeAndCategory)}), 'D')`,
          ].join(' || '),
        ),
      ),
  },
  (t) => [
    foreignKey({
      name: 'projects_place',
      columns: [t.state, t.city],
      foreignColumns: [places.state, places.city],
    }),
    check('projects_status', sql`${t.status} in (${sql.raw(sqlList(projectStatuses))})`),
    check('projects_goal', sql`${t.goal} > 0`),
    check(
      'projects_launch',
      sql`${t.launchedAt} is null or (${t.endsAt} is not null and ${t.endsAt} > ${t.launchedAt})`,
    ),
    index('projects_by_creator').on(t.creatorId, t.id),
    index('projects_featured').on(t.featuredAt, t.id).where(sql`featured_at is not null`),
    index('projects_search').using('gin', t.search),
    ...listingIndexes('projects', [], t),
    ...listingIndexes('projects_category', [t.category], t),
    ...listingIndexes('projects_subcategory', [t.subcategory], t),
    ...listingIndexes('projects_place', [t.state, t.city], t),
  ],
)

/**
 * One index for each of the five sorts of a listing. Ascending throughout: a list that runs down is
 * read backwards, while DESC NULLS LAST would match no `order by … desc`.
 */
function listingIndexes(
  name: string,
  scope: AnyPgColumn[],
  t: Record<'id' | 'status' | 'popularity' | 'endsAt' | 'pledged' | 'backersCount', AnyPgColumn>,
) {
  const by = (sort: string, ...keys: AnyPgColumn[]) => {
    const [first = t.status, ...rest] = [...scope, t.status, ...keys, t.id]
    return index(`${name}_${sort}`).on(first, ...rest)
  }
  return [
    by('newest'),
    by('popular', t.popularity),
    by('ending', t.endsAt),
    by('most_funded', t.pledged),
    by('most_backed', t.backersCount),
  ]
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

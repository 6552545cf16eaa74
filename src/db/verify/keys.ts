import { disagreeing, ofProject, type Pass, slice, within } from './pass'

/** A check whose values are Postgres's text of a tsvector. */
export const searchWordsCheck = 'search words of each project'

const shelves = (shelf: string, category: string, subcategory: string, place: string) =>
  `concat_ws(' / ', ${shelf}, ${category}, ${subcategory}, ${place})`
const shelfOf = (table: string) =>
  `coalesce(shelf_of(${table}.number, shown_status(p.status, p.hidden_at)), 0)`

/** What a project is found by. */
export const keys: Pass = {
  what: 'outcomes, shelves and search words',
  checks: ['outcome of each project', 'shelves of each project', searchWordsCheck],
  over: 'projects',
  reads: ['projects'],
  rowCost: 400,
  sql: disagreeing(
    `${slice('projects', 'id')} p
      left join categories c on c.slug = p.category
      left join categories s on s.slug = p.subcategory
      left join places l on l.state = p.state and l.city = p.city`,
    ['p.id', '0'],
    [
      {
        check: 'outcome of each project',
        subject: ofProject,
        stored: 'p.status',
        counted: `case
          when p.status = 'successful' and p.pledged < p.goal
            and (p.all_or_nothing or p.pledged = 0) then 'failed'
          when p.status = 'failed'
            and (p.pledged >= p.goal or not p.all_or_nothing and p.pledged > 0) then 'successful'
          else p.status end`,
      },
      {
        check: 'shelves of each project',
        subject: ofProject,
        stored: shelves('p.shelf', 'p.category_shelf', 'p.subcategory_shelf', 'p.place_shelf'),
        counted: shelves(
          'status_shelf(shown_status(p.status, p.hidden_at))',
          shelfOf('c'),
          shelfOf('s'),
          shelfOf('l'),
        ),
      },
      {
        check: searchWordsCheck,
        subject: ofProject,
        stored: 'p.search',
        counted: `project_search_words(p.title, p.description, p.creator_name, p.city, p.state,
          p.country, p.subcategory)`,
      },
    ],
  ),
}

const isListed = 'is_listed(status) and hidden_at is null'

/** What categories and places count. */
export const filing: Pass = {
  what: 'projects of categories and places',
  checks: ['projects of each category', 'projects of each place'],
  reads: ['projects'],
  rowCost: 20,
  // Whoever stands in a category twice is counted there once.
  sql: `with filed as materialized (
      select category, subcategory, state, city, grouping(category) = 0 as by_category,
        count(*) filter (where ${isListed}) as listed,
        count(*) filter (where status = 'live') as live,
        count(*) filter (where ${isListed} and category <> subcategory) as others_listed,
        count(*) filter (where status = 'live' and category <> subcategory) as others_live
      from projects group by grouping sets ((category), (subcategory), (state, city))
    ), per_category as (
      select coalesce(category, subcategory) as slug,
        sum(case when by_category then listed else others_listed end) as listed,
        sum(case when by_category then live else others_live end) as live
      from filed where state is null group by 1
    )
    ${disagreeing(
      'categories c left join per_category t on t.slug = c.slug',
      ['c.number', '0'],
      [
        {
          check: 'projects of each category',
          subject: "'category ' || c.slug",
          stored: "c.projects_count || ' / ' || c.live_count",
          counted: "coalesce(t.listed, 0) || ' / ' || coalesce(t.live, 0)",
        },
      ],
    )}
    union all ${disagreeing(
      'places l left join filed t on t.state = l.state and t.city = l.city',
      ['l.number', '0'],
      [
        {
          check: 'projects of each place',
          subject: "'place ' || l.state || ', ' || l.city",
          stored: "l.projects_count || ' / ' || l.live_count",
          counted: "coalesce(t.listed, 0) || ' / ' || coalesce(t.live, 0)",
        },
      ],
    )}`,
}

/** What people count, and what is copied from them. */
export const people: Pass = {
  what: 'projects and pledges of people',
  checks: [
    'creator’s name on each project',
    'listed projects of each person',
    'named pledges of each person',
    'whether each person has backed',
  ],
  over: 'people',
  reads: ['people', 'pledges', 'projects'],
  rowCost: 18,
  // Few pledges are to what is not listed: to leave those out is less than to join every project.
  sql: `with looked_at as materialized (
      select id, creator_id, creator_name, ${isListed} as listed from projects
      where ${within('creator_id')} or not (${isListed})
    ), created as (
      select creator_id, count(*) as n from looked_at where listed group by creator_id
    ), backed as (
      select b.backer_id,
        count(*) filter (where b.status <> 'canceled' and not b.anonymous and j.id is null) as n
      from pledges b left join looked_at j on j.id = b.project_id and not j.listed
      where ${within('b.backer_id')} group by b.backer_id
    )
    ${disagreeing(
      `${slice('people', 'id')} p left join created c on c.creator_id = p.id
        left join backed b on b.backer_id = p.id`,
      ['p.id', '0'],
      [
        {
          check: 'listed projects of each person',
          subject: "'person ' || p.id",
          stored: 'p.projects_count',
          counted: 'coalesce(c.n, 0)',
        },
        {
          check: 'named pledges of each person',
          subject: "'person ' || p.id",
          stored: 'p.pledges_count',
          counted: 'coalesce(b.n, 0)',
        },
        {
          check: 'whether each person has backed',
          subject: "'person ' || p.id",
          stored: 'p.has_backed',
          counted: 'b.n is not null',
        },
      ],
    )}
    union all ${disagreeing(
      `looked_at p join ${slice('people', 'id')} c on c.id = p.creator_id`,
      ['p.id', '0'],
      [
        {
          check: 'creator’s name on each project',
          subject: ofProject,
          stored: 'p.creator_name',
          counted: 'c.name',
        },
      ],
    )}`,
}

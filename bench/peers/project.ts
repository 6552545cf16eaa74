import type { Project, Story } from '#features/projects/reads/projects'
import type { Reward } from '#features/projects/reads/rewards'
import { paths } from '#web/paths'

/** What the peers ask of the database and make of it without our framework, driver or ORM. */

export interface ProjectData {
  project: Project
  story: Story | undefined
  rewards: Reward[]
}

/** What a category or subcategory is called, by its slug; read once by each process. */
export type CategoryNames = ReadonlyMap<string, string>

export const categoryNamesSql = 'select slug, name from categories limit 1000'

const projectColumns = `
  p.id, p.status, p.title, p.description, p.creator_id as "creatorId",
  p.creator_name as "creatorName", p.category, p.subcategory, p.city, p.state, p.country,
  p.currency, p.goal, p.pledged, p.backers_count as "backersCount",
  p.launched_at as "launchedAt", p.ends_at as "endsAt", p.featured_at as "featuredAt", p.tags,
  p.all_or_nothing as "allOrNothing", p.updates_count as "updatesCount",
  p.comments_count as "commentsCount", p.faqs_count as "faqsCount", p.saves_count as "savesCount",
  case when p.status = 'successful' then (
    select s.late_until from settlements s where s.project_id = p.id
  ) end as "lateUntil"`

/** $1 is the project's id; the creator comes along. */
export const projectWithCreatorSql = `
  select ${projectColumns}, c.projects_count as "creatorProjectsCount"
  from projects p join people c on c.id = p.creator_id
  where p.id = $1`

/** $1 is the project's id; the creator is asked for apart. */
export const projectSql = `select ${projectColumns} from projects p where p.id = $1`

/** $1 is the person's id. */
export const creatorSql = `
  select name as "creatorName", projects_count as "creatorProjectsCount"
  from people where id = $1`

/** $1 is the project's id. */
export const storySql = 'select story, risks, budget from stories where project_id = $1'

const heldNow = `from reward_holds h where r.quantity is not null and h.project_id = r.project_id
  and h.reward_id = r.id and h.expires_at > clock_timestamp()`

/** $1 is the project's id. */
export const rewardsSql = `
  select r.id, r.amount, r.name, r.description, r.delivery_month as "deliveryMonth",
    r.ships_to as "shipsTo", r.quantity, r.opens_at as "opensAt", r.closes_at as "closesAt",
    r.backers_count as "backersCount", r.is_add_on as "isAddOn",
    r.per_backer_max as "perBackerMax", r.image, r.image_alt as "imageAlt",
    coalesce((select sum(h.quantity) ${heldNow})::int, 0) as "heldCount",
    (select min(h.expires_at) ${heldNow}) as "heldUntil",
    coalesce((
      select json_agg(json_build_object('name', i.name, 'quantity', i.quantity) order by i.position)
      from reward_items i where i.project_id = r.project_id and i.reward_id = r.id
    ), '[]') as items,
    coalesce((
      select json_agg(
        json_build_object('country', s.country, 'price', s.price) order by s.price, s.country)
      from reward_shipping s where s.project_id = r.project_id and s.reward_id = r.id
    ), '[]') as shipping
  from rewards r where r.project_id = $1
  order by r.position, r.id limit 100`

type ProjectRow = Omit<Project, 'categoryName' | 'subcategoryName'>

/** The row with what its category and subcategory are called. */
export function withNames(row: ProjectRow, names: CategoryNames): Project {
  const nameOf = (slug: string) => names.get(slug) ?? slug
  return {
    ...row,
    categoryName: nameOf(row.category),
    subcategoryName: nameOf(row.subcategory),
  }
}

/** What `GET /api/v1/projects/:id` answers. `baseUrl` ends without a slash. */
export function projectJson(project: Project, story: Story | undefined, baseUrl: string) {
  const { currency } = project
  const money = (amount: number) => ({ amount, currency })
  const below = baseUrl + paths.apiProject(project)
  return {
    id: project.id,
    url: baseUrl + paths.project(project),
    picture: baseUrl + paths.projectPicture(project),
    title: project.title,
    description: project.description,
    status: project.status,
    creator: {
      id: project.creatorId,
      name: project.creatorName,
      url: baseUrl + paths.person({ id: project.creatorId }),
      picture: baseUrl + paths.avatar({ id: project.creatorId }),
    },
    category: project.category,
    subcategory: project.subcategory,
    city: project.city,
    state: project.state,
    country: project.country,
    goal: money(project.goal),
    pledged: money(project.pledged),
    backersCount: project.backersCount,
    launchedAt: project.launchedAt,
    endsAt: project.endsAt,
    lateUntil: project.lateUntil,
    featuredAt: project.featuredAt,
    tags: project.tags,
    allOrNothing: project.allOrNothing,
    story: story?.story ?? '',
    risks: story?.risks ?? '',
    budget: (story?.budget ?? []).map(({ label, amount }) => ({ label, amount: money(amount) })),
    counts: {
      updates: project.updatesCount,
      comments: project.commentsCount,
      faqs: project.faqsCount,
      saves: project.savesCount,
    },
    urls: {
      updates: `${below}/updates`,
      comments: `${below}/comments`,
      community: `${below}/community`,
      rewards: `${below}/rewards`,
      faqs: `${below}/faqs`,
      backers: `${below}/backers`,
    },
  }
}

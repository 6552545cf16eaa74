import { Suspense, use } from 'react'
import { ProjectLayout } from '#features/projects/parts/layout'
import type { Project } from '#features/projects/reads/projects'
import { formatCount, plural } from '#lib/text'
import { Avatar } from '#web/components/avatar'
import { EmptyState } from '#web/components/empty-state'
import { Pager } from '#web/components/pager'
import { paths } from '#web/paths'
import type { Community, RollCall } from './reads'

/** What a late section resolves to; `null` when it could not be had. */
type Late<Data> = Promise<Data | null>

interface CommunityPageProps {
  project: Project
  community: Late<Community>
  rollCall: Late<RollCall>
  isFirstPage: boolean
}

/** The numbers take a while on a big project: everything around them is sent first. */
export function CommunityPage({ project, community, rollCall, isFirstPage }: CommunityPageProps) {
  return (
    <ProjectLayout project={project} current="community" heading="Community">
      <section className="narrow" aria-labelledby="community">
        <h1 id="community">Community</h1>
        <p className="community-lead">
          {project.status === 'live'
            ? plural(project.backersCount, 'person is supporting', 'people are supporting')
            : plural(project.backersCount, 'person backed', 'people backed')}{' '}
          <a href={paths.person({ id: project.creatorId })}>{project.creatorName}</a>.
        </p>
      </section>
      <Suspense fallback={<Loading />}>
        <Numbers
          project={project}
          community={community}
          rollCall={rollCall}
          isFirstPage={isFirstPage}
        />
      </Suspense>
    </ProjectLayout>
  )
}

function Loading() {
  return (
    <div className="narrow section-loading" role="status">
      <p>Counting backers …</p>
    </div>
  )
}

function Numbers(props: CommunityPageProps) {
  const community = use(props.community)
  const rollCall = use(props.rollCall)
  if (!community || !rollCall) {
    return (
      <div className="narrow">
        <EmptyState title="The backers could not be counted just now.">
          <p>
            <a href={paths.projectTab(props.project, 'community')}>Try again</a>
          </p>
        </EmptyState>
      </div>
    )
  }
  if (community.counted === 0) {
    return (
      <div className="narrow">
        <EmptyState title="No backers yet." />
      </div>
    )
  }
  return (
    <div className="narrow community">
      <CountedOver counted={community.counted} total={props.project.backersCount} />
      <h2>Where backers come from</h2>
      <div className="community-places">
        <TopPlaces
          title="Top cities"
          rows={community.cities.map((row) => ({ ...row, name: row.city, detail: row.country }))}
        />
        <TopPlaces
          title="Top countries"
          rows={community.countries.map((row) => ({ ...row, name: row.country, detail: '' }))}
        />
      </div>
      <NewAndReturning community={community} />
      <Roll
        project={props.project}
        rollCall={rollCall}
        community={community}
        isFirstPage={props.isFirstPage}
      />
    </div>
  )
}

/** What the numbers leave out, where there are too many to count them all. */
function CountedOver({ counted, total }: { counted: number; total: number }) {
  if (counted >= total) return null
  return (
    <p>
      Counted over the latest {formatCount(counted)} of {plural(total, 'backer')}.
    </p>
  )
}

function TopPlaces(props: {
  title: string
  rows: { name: string; detail: string; backers: number }[]
}) {
  // Bars against the longest: against all backers most would be too short to compare.
  const most = Math.max(...props.rows.map(({ backers }) => backers))
  return (
    <table className="top-places">
      <caption>{props.title}</caption>
      <tbody>
        {props.rows.map((row) => (
          <tr key={row.name + row.detail}>
            <th scope="row">
              {row.name} {row.detail && <small>{row.detail}</small>}
            </th>
            <td>
              <meter value={row.backers} max={most} aria-hidden="true" />
            </td>
            <td>{plural(row.backers, 'backer')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function NewAndReturning({ community: { counted, returning } }: { community: Community }) {
  return (
    <>
      <h2>New and returning backers</h2>
      <dl className="stats community-kinds">
        <div>
          <dt>new, backing their first project</dt>
          <dd>{formatCount(counted - returning)}</dd>
        </div>
        <div>
          <dt>returning, have backed before</dt>
          <dd>{formatCount(returning)}</dd>
        </div>
      </dl>
    </>
  )
}

function Roll(props: {
  project: Project
  rollCall: RollCall
  community: Community
  isFirstPage: boolean
}) {
  const { backers, next } = props.rollCall
  const { unnamed, counted } = props.community
  const isPartial = counted < props.project.backersCount
  return (
    <>
      <h2 id="roll-call">Roll call!</h2>
      <ul className="roll-call">
        {backers.map((backer) => (
          <li key={backer.pledgeId}>
            <Avatar id={backer.id} image={backer.image} size={48} />
            <span>
              <a href={paths.person(backer)}>{backer.name}</a>
              <small>Backed {plural(backer.pledgesCount, 'project')}</small>
            </span>
          </li>
        ))}
      </ul>
      {next === null && unnamed > 0 && (
        <p className="roll-call-unnamed">
          {backers.length > 0 && 'And '}
          {plural(unnamed, 'backer who prefers', 'backers who prefer')} not to be named
          {isPartial && ` among the latest ${formatCount(counted)}`}.
        </p>
      )}
      <Pager
        label="Pages of backers"
        next={
          next === null
            ? null
            : `${paths.projectTab(props.project, 'community', { after: next })}#roll-call`
        }
        first={props.isFirstPage ? null : paths.projectTab(props.project, 'community')}
      />
    </>
  )
}

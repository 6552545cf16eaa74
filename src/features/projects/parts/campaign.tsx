import { Fragment, type ReactNode } from 'react'
import type { Books } from '#features/ledger/rules/books'
import { FollowButton } from '#features/people/parts'
import type { Ties } from '#features/people/reads/profiles'
import { formatMoney, formatWhole, percentFunded } from '#lib/money'
import { formatCount } from '#lib/text'
import { timeLeft } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { ProgressBar } from '#web/components/progress-bar'
import { Prose } from '#web/components/prose'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Helper, Project, ProjectTies, Story } from '../reads/projects'
import type { Reward } from '../reads/rewards'
import { isRunning, takesLatePledges } from '../rules'
import { ProjectPicture } from './card'
import { FundingNotice, ProjectLayout } from './layout'
import { MakersBar } from './makers-bar'
import { Money } from './money'
import { RewardList } from './rewards'

/** The campaign: what it is, where it stands, the story, and the rewards beside it. */
export function ProjectPage(props: {
  project: Project
  story: Story | undefined
  /** Who makes it with its creator. */
  helpers?: Helper[]
  rewards: Reward[]
  /** Of a project that was successful. */
  books?: Books | null
  /** Of whoever is signed in. */
  ties?: ProjectTies | undefined
  /** Says that it is not launched yet: what leads on is left out. */
  preview?: ReactNode
}) {
  const { project, story, rewards, helpers = [], books, ties, preview } = props
  const { isSaved = false, isBacked = false, permissions = [] } = ties ?? {}
  const summary = (
    <>
      <MakersBar project={project} permissions={permissions} />
      <Summary {...{ project, helpers, isSaved, isBacked, ties }} isPreview={Boolean(preview)} />
    </>
  )
  return (
    <ProjectLayout
      project={project}
      current="campaign"
      summary={summary}
      preview={preview}
      scripted={isRunning(project, useSite())}
    >
      <div className="project-columns">
        <div className="project-story">
          <section aria-labelledby="story">
            <h2 id="story">Story</h2>
            {story ? <Prose text={story.story} /> : <EmptyState title="No story yet." />}
          </section>
          {story?.risks && (
            <section aria-labelledby="risks" className="project-risks">
              <h2 id="risks">Risks and challenges</h2>
              <Prose text={story.risks} />
            </section>
          )}
          {story && story.budget.length > 0 && <Budget project={project} lines={story.budget} />}
          {books && <Money project={project} books={books} />}
        </div>
        <aside className="project-rewards" aria-labelledby="rewards">
          <h2 id="rewards">Rewards</h2>
          <RewardList project={project} rewards={rewards} />
        </aside>
      </div>
      {!preview && <ReportLink project={project} />}
    </ProjectLayout>
  )
}

/** For whoever has something against it; and the way to its staff page for those who have one. */
function ReportLink({ project }: { project: Project }) {
  const { viewer } = useSite()
  const report = paths.report({ kind: 'project', project: project.id })
  return (
    <p className="project-report">
      {viewer?.id !== project.creatorId && (
        <a href={viewer ? report : paths.signIn({ next: report })} rel="nofollow">
          Report this project
        </a>
      )}
      {viewer?.role === 'staff' && <a href={paths.staffProject(project)}>For staff</a>}
    </p>
  )
}

function Summary(props: {
  project: Project
  helpers: Helper[]
  isSaved: boolean
  isBacked: boolean
  ties: Ties | undefined
  isPreview: boolean
}) {
  const { project, helpers, isSaved, isBacked, ties, isPreview } = props
  const isFollowed = isRunning(project, useSite()) && !isPreview
  return (
    <header className="project-summary">
      <div className="project-heading">
        <h1>{project.title}</h1>
        <p className="project-description">{project.description}</p>
      </div>
      <div className="project-hero">
        <ProjectPicture project={project} eager sizes="(min-width: 60rem) 45rem, 100vw" />
        <p className="project-origin">
          {project.featuredAt && <span className="badge">Staff pick</span>}
          <a href={paths.category(project.subcategory)}>{project.subcategoryName}</a>
          <a href={paths.placeOf(project)}>
            {project.city}, {project.state === project.city ? project.country : project.state}
          </a>
        </p>
      </div>
      <div
        className="project-stats"
        data-live-from={isFollowed ? paths.projectLive(project) : undefined}
      >
        <ProgressBar pledged={project.pledged} goal={project.goal} />
        <Stats project={project} />
        {!isPreview && <Actions {...{ project, isSaved, isBacked }} />}
        <FundingNotice project={project} />
        <Creator {...{ project, ties, isPreview }} />
        {helpers.length > 0 && <Helpers helpers={helpers} />}
      </div>
    </header>
  )
}

function Stats({ project }: { project: Project }) {
  const site = useSite()
  const left = isRunning(project, site) && project.endsAt ? timeLeft(project.endsAt, site) : null
  return (
    <dl className="stats">
      <div className="stat-main">
        <dt>
          pledged of {formatWhole(project.goal, project.currency)} goal ·{' '}
          <span data-live="percent">
            {formatCount(percentFunded(project.pledged, project.goal))}
          </span>
          % funded
        </dt>
        <dd data-live="pledged">{formatWhole(project.pledged, project.currency)}</dd>
      </div>
      <div>
        <dt data-live="backers-word">{project.backersCount === 1 ? 'backer' : 'backers'}</dt>
        <dd data-live="backers">{formatCount(project.backersCount)}</dd>
      </div>
      {left && (
        <div>
          <dt>
            <span data-live="left-unit">{left.unit}</span> to go
          </dt>
          <dd data-live="left">{left.amount}</dd>
        </div>
      )}
    </dl>
  )
}

/** Whoever is signed in is reminded by mail; for others it is a calendar entry. */
function Actions(props: { project: Project; isSaved: boolean; isBacked: boolean }) {
  const { project, isSaved, isBacked } = props
  const site = useSite()
  if (!isRunning(project, site)) {
    const isLate = takesLatePledges(project, site)
    return (
      <p className="project-actions">
        {isBacked && <YourPledge project={project} />}
        {isLate && !isBacked && (
          <a className="button button-large" href={paths.newPledge(project)} rel="nofollow">
            Make a late pledge
          </a>
        )}
        <a
          className={isLate ? 'button button-quiet button-large' : 'button'}
          href={paths.category(project.category, { status: 'live' })}
        >
          See live projects in {project.categoryName}
        </a>
      </p>
    )
  }
  return (
    <div className="project-actions">
      {isBacked ? (
        <YourPledge project={project} />
      ) : (
        <a className="button button-large" href={paths.newPledge(project)} rel="nofollow">
          Back this project
        </a>
      )}
      {site.viewer ? (
        <form method="post" action={isSaved ? paths.unsave(project) : paths.save(project)}>
          <button className="button button-quiet button-large" type="submit" aria-pressed={isSaved}>
            <Heart />
            {isSaved ? 'Saved' : 'Remind me'}
          </button>
        </form>
      ) : (
        <a className="button button-quiet button-large" href={paths.reminder(project)} download>
          <Heart />
          Remind me
        </a>
      )}
    </div>
  )
}

const YourPledge = ({ project }: { project: Project }) => (
  <a className="button button-large" href={paths.pledge(project)}>
    See your pledge
  </a>
)

const Heart = () => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="M12 20.5 4.6 13a4.9 4.9 0 0 1 7-6.9l.4.4.4-.4a4.9 4.9 0 0 1 7 6.9z" />
  </svg>
)

function Creator(props: { project: Project; ties: Ties | undefined; isPreview: boolean }) {
  const { project, ties, isPreview } = props
  return (
    <div className="project-creator">
      <img
        className="avatar"
        src={paths.avatar({ id: project.creatorId, image: project.creatorImage })}
        alt=""
        width={48}
        height={48}
      />
      <span>
        By <a href={paths.person({ id: project.creatorId })}>{project.creatorName}</a>
        <small>
          {project.creatorProjectsCount > 1
            ? `${formatCount(project.creatorProjectsCount)} created`
            : 'First created'}
        </small>
      </span>
      {!isPreview && <CreatorActs {...{ project, ties }} />}
    </div>
  )
}

function CreatorActs({ project, ties }: { project: Project; ties: Ties | undefined }) {
  const { viewer } = useSite()
  const creator = { id: project.creatorId, name: project.creatorName }
  return (
    <div className="project-creator-acts">
      <FollowButton person={creator} ties={ties} next={paths.project(project)} />
      {viewer && viewer.id !== creator.id && (
        <a className="button button-quiet" href={paths.conversation(project, viewer.id)}>
          Ask the creator
        </a>
      )}
      {viewer?.id === creator.id && (
        <a className="button button-quiet" href={paths.projectMessages(project)}>
          Messages
        </a>
      )}
    </div>
  )
}

function Helpers({ helpers }: { helpers: Helper[] }) {
  return (
    <p className="project-helpers">
      With{' '}
      {helpers.map(({ id, name, title }, index) => (
        <Fragment key={id}>
          {index > 0 && ', '}
          <a href={paths.person({ id })}>{name}</a>
          {title && ` (${title})`}
        </Fragment>
      ))}
    </p>
  )
}

function Budget({ project, lines }: { project: Project; lines: Story['budget'] }) {
  return (
    <section aria-labelledby="budget" className="project-budget">
      <h2 id="budget">Where the money goes</h2>
      <table>
        <tbody>
          {lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two lines may say the same
            <tr key={index}>
              <th scope="row">{line.label}</th>
              <td className="project-budget-bar">
                <meter value={line.amount} max={project.goal} aria-label={line.label} />
              </td>
              <td>{formatMoney(line.amount, project.currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Goal</th>
            <td />
            <td>{formatMoney(project.goal, project.currency)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  )
}

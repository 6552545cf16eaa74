import { formatMoney, formatWhole, percentFunded } from '#lib/money'
import { formatCount, plural } from '#lib/text'
import { timeLeft } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { ProgressBar } from '#web/components/progress-bar'
import { Prose } from '#web/components/prose'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { ProjectPicture } from './parts/card'
import { FundingNotice, ProjectLayout } from './parts/layout'
import { RewardList } from './parts/rewards'
import type { listFaqs, Project, Story } from './reads/projects'
import type { Reward } from './reads/rewards'
import { isRunning } from './rules'

/** The campaign: what it is, where it stands, the story, and the rewards beside it. */
export function ProjectPage(props: {
  project: Project
  story: Story | undefined
  rewards: Reward[]
  /** By whoever is signed in. */
  isSaved?: boolean
}) {
  const { project, story, rewards, isSaved = false } = props
  const summary = <Summary project={project} isSaved={isSaved} />
  return (
    <ProjectLayout project={project} current="campaign" summary={summary}>
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
        </div>
        <aside className="project-rewards" aria-labelledby="rewards">
          <h2 id="rewards">Rewards</h2>
          <RewardList project={project} rewards={rewards} />
        </aside>
      </div>
    </ProjectLayout>
  )
}

function Summary({ project, isSaved }: { project: Project; isSaved: boolean }) {
  return (
    <header className="project-summary">
      <div className="project-heading">
        <h1>{project.title}</h1>
        <p className="project-description">{project.description}</p>
      </div>
      <div className="project-hero">
        <ProjectPicture project={project} eager />
        <p className="project-origin">
          {project.featuredAt && <span className="badge">Staff pick</span>}
          <a href={paths.category(project.subcategory)}>{project.subcategoryName}</a>
          <a href={paths.placeOf(project)}>
            {project.city}, {project.state === project.city ? project.country : project.state}
          </a>
        </p>
      </div>
      <div className="project-stats">
        <ProgressBar pledged={project.pledged} goal={project.goal} />
        <Stats project={project} />
        <Actions project={project} isSaved={isSaved} />
        <FundingNotice project={project} />
        <Creator project={project} />
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
          {formatCount(percentFunded(project.pledged, project.goal))}% funded
        </dt>
        <dd>{formatWhole(project.pledged, project.currency)}</dd>
      </div>
      <div>
        <dt>{project.backersCount === 1 ? 'backer' : 'backers'}</dt>
        <dd>{formatCount(project.backersCount)}</dd>
      </div>
      {left && (
        <div>
          <dt>{left.unit} to go</dt>
          <dd>{left.amount}</dd>
        </div>
      )}
    </dl>
  )
}

/** Whoever is signed in is reminded by mail; for others it is a calendar entry. */
function Actions({ project, isSaved }: { project: Project; isSaved: boolean }) {
  const site = useSite()
  if (!isRunning(project, site)) {
    return (
      <p className="project-actions">
        <a className="button" href={paths.category(project.category, { status: 'live' })}>
          See live projects in {project.categoryName}
        </a>
      </p>
    )
  }
  return (
    <div className="project-actions">
      <a className="button button-large" href={paths.projectTab(project, 'rewards')}>
        See the rewards
      </a>
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

const Heart = () => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="M12 20.5 4.6 13a4.9 4.9 0 0 1 7-6.9l.4.4.4-.4a4.9 4.9 0 0 1 7 6.9z" />
  </svg>
)

function Creator({ project }: { project: Project }) {
  return (
    <p className="project-creator">
      <img
        className="avatar"
        src={paths.avatar({ id: project.creatorId })}
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
    </p>
  )
}

function Budget({ project, lines }: { project: Project; lines: Story['budget'] }) {
  return (
    <section aria-labelledby="budget" className="project-budget">
      <h2 id="budget">Where the money goes</h2>
      <table>
        <tbody>
          {lines.map((line) => (
            <tr key={line.label}>
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

export function RewardsPage({ project, rewards }: { project: Project; rewards: Reward[] }) {
  return (
    <ProjectLayout project={project} current="rewards" heading="Rewards">
      <section className="narrow" aria-labelledby="rewards">
        <h1 id="rewards">{rewards.length === 0 ? 'Rewards' : plural(rewards.length, 'reward')}</h1>
        <FundingNotice project={project} />
        <div className="reward-list">
          <RewardList project={project} rewards={rewards} />
        </div>
        {rewards.length === 0 && <EmptyState title="This project offers no rewards." />}
      </section>
    </ProjectLayout>
  )
}

export function FaqsPage(props: { project: Project; faqs: Awaited<ReturnType<typeof listFaqs>> }) {
  const { project, faqs } = props
  return (
    <ProjectLayout project={project} current="faqs" heading="FAQ">
      <section className="narrow" aria-labelledby="faqs">
        <h1 id="faqs">Frequently asked questions</h1>
        {faqs.map((faq) => (
          <details key={faq.position} className="faq" id={`question-${faq.position}`}>
            <summary>{faq.question}</summary>
            <Prose text={faq.answer} />
          </details>
        ))}
        {faqs.length === 0 && (
          <EmptyState title="No questions yet.">
            <p>{project.creatorName} has not answered any so far.</p>
          </EmptyState>
        )}
      </section>
    </ProjectLayout>
  )
}

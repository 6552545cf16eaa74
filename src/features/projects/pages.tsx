import { plural } from '#lib/text'
import { EmptyState } from '#web/components/empty-state'
import { Prose } from '#web/components/prose'
import { FundingNotice, ProjectLayout } from './parts/layout'
import { RewardList } from './parts/rewards'
import type { listFaqs, Project } from './reads/projects'
import type { Reward } from './reads/rewards'

export function RewardsPage({ project, rewards }: { project: Project; rewards: Reward[] }) {
  const alone = rewards.filter(({ isAddOn }) => !isAddOn).length
  return (
    <ProjectLayout project={project} current="rewards" heading="Rewards">
      <section className="narrow" aria-labelledby="rewards">
        <h1 id="rewards">{alone === 0 ? 'Rewards' : plural(alone, 'reward')}</h1>
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

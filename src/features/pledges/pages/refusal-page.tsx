import type { Project } from '#features/projects/reads/projects'
import type { Reward } from '#features/projects/reads/rewards'
import { formatMoney } from '#lib/money'
import { paths } from '#web/paths'
import { PledgeFrame } from '../parts/frame'

/** Why it cannot be done, that nothing was charged, and what can be done instead. */
export function RefusalPage(props: {
  project: Project
  title: string
  sentence: string
  /** To be had instead. */
  alternatives?: readonly Reward[] | undefined
  /** They have a pledge here. */
  hasPledge?: boolean
  /** What they have is to become something else. */
  isChange?: boolean
}) {
  const { project, title, sentence, alternatives, hasPledge = false } = props
  const choosing = (reward: number | 'none') =>
    props.isChange
      ? paths.pledgePart(project, 'change', { reward })
      : paths.newPledge(project, { reward })
  return (
    <PledgeFrame project={project} title={title}>
      <p className="lead">{sentence}</p>
      {alternatives && (
        <section aria-labelledby="instead">
          <h2 id="instead">Still to be had</h2>
          <ul className="pledge-alternatives">
            {alternatives.map(({ id, name, amount }) => (
              <li key={id}>
                <a href={choosing(id)}>
                  {name} <b>{formatMoney(amount, project.currency)}</b>
                </a>
              </li>
            ))}
            <li>
              <a href={choosing('none')}>
                No reward <b>Any amount</b>
              </a>
            </li>
          </ul>
        </section>
      )}
      <p className="pledge-ways">
        {hasPledge && (
          <a className="button" href={paths.pledge(project)}>
            See your pledge
          </a>
        )}
        <a className="button button-quiet" href={paths.project(project)}>
          Back to the project
        </a>
        <a
          className="button button-quiet"
          href={paths.category(project.category, { status: 'live' })}
        >
          See live projects in {project.categoryName}
        </a>
      </p>
    </PledgeFrame>
  )
}

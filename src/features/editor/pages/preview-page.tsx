import { ProjectPage } from '#features/projects/parts/campaign'
import type { Reward } from '#features/projects/reads/rewards'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Draft } from '../reads/drafts'

const dayMs = 24 * 3_600_000
const usualDays = 30

/** The very page of a project, as it would look if it launched now. */
export function PreviewPage(props: { draft: Draft; rewards: Reward[]; isMaker: boolean }) {
  const { draft, rewards, isMaker } = props
  const { now, viewer } = useSite()
  const { story, risks, budget } = draft
  const days = draft.durationDays ?? usualDays
  const launched = {
    ...draft,
    ...{ title: draft.title || 'Untitled', status: 'live' as const, launchedAt: now },
    endsAt: draft.plannedEnd ?? new Date(now.getTime() + days * dayMs),
  }
  const banner = (
    <p className="notice preview-notice">
      <strong>Preview.</strong> So it will look. Nobody can back it yet.{' '}
      {isMaker && <a href={paths.edit(draft)}>Back to the editor</a>}
      {!isMaker && viewer?.role === 'staff' && (
        <a href={paths.staffProject(draft)}>Back to the review</a>
      )}
    </p>
  )
  return (
    <ProjectPage
      project={launched}
      story={story === '' ? undefined : { story, risks, budget }}
      rewards={rewards}
      preview={banner}
    />
  )
}

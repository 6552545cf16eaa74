import type { Permission } from '#db/schema/making'
import { ProjectPage } from '#features/projects/parts/campaign'
import type { Reward } from '#features/projects/reads/rewards'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Draft } from '../reads/drafts'

const dayMs = 24 * 3_600_000
const usualDays = 30

function WayBack({ draft, permissions }: { draft: Draft; permissions: readonly Permission[] }) {
  const { viewer } = useSite()
  if (permissions.includes('edit')) return <a href={paths.edit(draft)}>Back to the editor</a>
  if (permissions.length > 0) return <a href={paths.making()}>Back to your projects</a>
  if (viewer?.role !== 'staff') return null
  return <a href={paths.staffProject(draft)}>Back to the review</a>
}

/** As if it launched now. */
function launchedAt(draft: Draft, now: Date) {
  const days = draft.durationDays ?? usualDays
  return {
    title: draft.title || 'Untitled',
    ...{ status: 'live' as const, launchedAt: now },
    endsAt: draft.plannedEnd ?? new Date(now.getTime() + days * dayMs),
  }
}

/** The very page of a project: as it would look if it launched now, or as it looked. */
export function PreviewPage(props: {
  draft: Draft
  rewards: Reward[]
  /** Of whoever looks at it. */
  permissions: readonly Permission[]
}) {
  const { draft, rewards, permissions } = props
  const { now } = useSite()
  const { story, risks, budget } = draft
  const banner = (
    <p className="notice preview-notice">
      {draft.hiddenAt ? (
        <>
          <strong>Hidden.</strong> Our staff has hidden this project: nobody else sees this page.{' '}
        </>
      ) : (
        <>
          <strong>Preview.</strong> So it will look. Nobody can back it yet.{' '}
        </>
      )}
      <WayBack draft={draft} permissions={permissions} />
    </p>
  )
  return (
    <ProjectPage
      project={{ ...draft, lateUntil: null, ...(draft.hiddenAt ? {} : launchedAt(draft, now)) }}
      story={story === '' ? undefined : { story, risks, budget }}
      rewards={rewards}
      preview={banner}
    />
  )
}

import { Differences, VersionField } from '#features/editor/parts/frame'
import type { Access } from '#features/projects/reads/access'
import type { FormErrors, FormValues } from '#http/forms'
import { plural } from '#lib/text'
import { timeAgo } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { FormAlert, Notice } from '#web/components/form'
import { Prose } from '#web/components/prose'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Draft, findEdition, listDrafts } from '../reads'
import { editMinutes } from '../rules'
import { AudienceField, labels, TextFields, WritingPage } from './form'

type MadeProject = Access['project']

/** What is being written and not yet published. */
export function DraftsPage(props: {
  project: MadeProject
  drafts: Awaited<ReturnType<typeof listDrafts>>
}) {
  const { project, drafts } = props
  const { now } = useSite()
  return (
    <WritingPage project={project} title="Drafts of updates">
      <p>
        <a className="button" href={paths.updateDraft(project, 'new')}>
          Write an update
        </a>
      </p>
      {drafts.length === 0 && (
        <EmptyState title="No drafts.">
          <p>What you write and do not publish yet is kept here.</p>
        </EmptyState>
      )}
      <ul className="update-drafts">
        {drafts.map((draft) => (
          <li key={draft.id}>
            <a href={paths.updateDraft(project, draft.id)}>{draft.title || 'No title yet'}</a>
            <span>
              by {draft.authorName}, saved {timeAgo(draft.updatedAt, now)}
              {draft.audience === 'backers' && ', for backers only'}
            </span>
          </li>
        ))}
      </ul>
    </WritingPage>
  )
}

/** A form as it came back. */
export interface Typed {
  values: FormValues
  errors?: FormErrors | undefined
  /** Somebody has saved since: both texts are shown. */
  isOutdated?: boolean
}

/** Where an update is written, new or saved before. */
export function DraftPage(props: {
  project: MadeProject
  draft: Draft | undefined
  typed?: Typed | undefined
  isSaved?: boolean
}) {
  const { project, draft, typed, isSaved } = props
  const id = draft?.id ?? 'new'
  const stored = { title: draft?.title ?? '', body: draft?.body ?? '', audience: audienceOf(draft) }
  const values = typed?.values ?? stored
  return (
    <WritingPage project={project} title={draft ? 'Your draft' : 'Write an update'}>
      {isSaved && !typed && <Notice>Saved. Nobody else sees it before you publish it.</Notice>}
      {typed?.errors && <FormAlert>Nothing was saved yet: see what is marked below.</FormAlert>}
      {typed?.isOutdated && <Differences labels={labels} typed={typed.values} stored={stored} />}
      <form
        className="form"
        method="post"
        action={paths.updateDraft(project, id)}
        // One that is begun has an address to be saved to; over another text it is saved knowingly.
        {...(draft ? { 'data-autosave': typed?.isOutdated ? 'off' : 'on' } : {})}
        {...(typed ? { 'data-unsaved': '' } : {})}
      >
        <VersionField version={draft?.version ?? 0} />
        <TextFields values={values} errors={typed?.errors} />
        <AudienceField value={values['audience']} error={typed?.errors?.['audience']} />
        <div className="update-ways">
          <button className="button" type="submit">
            Save the draft
          </button>
          <button
            className="button button-quiet"
            type="submit"
            formAction={paths.updateDraftAct(project, id, 'preview')}
          >
            Save and preview
          </button>
        </div>
        {draft && <p role="status" data-save-state="" />}
      </form>
      {draft && (
        <form method="post" action={paths.updateDraftAct(project, draft.id, 'delete')}>
          <button className="link-button" type="submit">
            Delete this draft
          </button>
        </form>
      )}
    </WritingPage>
  )
}

const audienceOf = (draft: Draft | undefined) => draft?.audience ?? 'everyone'

/** The draft as its readers will see it, and the button that publishes just that. */
export function PreviewPage(props: {
  project: MadeProject
  draft: Draft
  isFinished: boolean
  /** It is not what was looked at before. */
  isOutdated?: boolean
}) {
  const { project, draft, isFinished, isOutdated } = props
  return (
    <WritingPage project={project} title="Preview">
      {isOutdated && (
        <FormAlert>
          Somebody has saved this draft since you looked at it. This is how it stands now.
        </FormAlert>
      )}
      <p className="update-number">
        {draft.audience === 'backers'
          ? 'Only people who back the project will be able to read it.'
          : 'Everyone will be able to read it.'}
      </p>
      <article className="update update-preview" aria-labelledby="update">
        <h2 id="update">{draft.title || 'No title yet'}</h2>
        {draft.body === '' ? <p>Nothing is written yet.</p> : <Prose text={draft.body} />}
      </article>
      {isFinished ? (
        <form
          className="form"
          method="post"
          action={paths.updateDraftAct(project, draft.id, 'publish')}
        >
          <p>
            Backers and followers are told at once. You can change it for {editMinutes} minutes,
            then it stays as it is.
          </p>
          <VersionField version={draft.version} />
          <div className="update-ways">
            <button className="button" type="submit">
              Publish
            </button>
            <GoOn project={project} draft={draft} />
          </div>
        </form>
      ) : (
        <div className="form">
          <p>It needs a title and a text before it can be published.</p>
          <p>
            <GoOn project={project} draft={draft} />
          </p>
        </div>
      )}
    </WritingPage>
  )
}

function GoOn({ project, draft }: { project: MadeProject; draft: Draft }) {
  return (
    <a className="button button-quiet" href={paths.updateDraft(project, draft.id)}>
      Go on writing
    </a>
  )
}

/** Where an update that has just been published is mended. */
export function EditUpdatePage(props: {
  project: MadeProject
  edition: NonNullable<Awaited<ReturnType<typeof findEdition>>>
  typed?: Typed | undefined
}) {
  const { project, edition, typed } = props
  const stored = { title: edition.title, body: edition.body }
  const { audience: _, ...shown } = labels
  return (
    <WritingPage project={project} title="Edit the update">
      <p>
        {`It can be changed for ${plural(edition.minutesLeft, 'more minute')}. `}
        Who may read it stays as it is.
      </p>
      {typed?.errors && <FormAlert>Nothing was saved yet: see what is marked below.</FormAlert>}
      {typed?.isOutdated && <Differences labels={shown} typed={typed.values} stored={stored} />}
      <form className="form" method="post" action={paths.editUpdate(project, edition.number)}>
        <input type="hidden" name="edition" value={edition.edition} />
        <TextFields values={typed?.values ?? stored} errors={typed?.errors} />
        <div className="update-ways">
          <button className="button" type="submit">
            Save
          </button>
          <a className="button button-quiet" href={paths.update(project, edition.number)}>
            Leave it
          </a>
        </div>
      </form>
    </WritingPage>
  )
}

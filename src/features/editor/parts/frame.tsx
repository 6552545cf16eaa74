import type { ReactNode } from 'react'
import { hasLaunched, type ProjectStatus } from '#features/projects/rules'
import { plural } from '#lib/text'
import { formatMoment } from '#lib/time'
import { FormAlert, Notice } from '#web/components/form'
import { Document } from '#web/document'
import { type EditPart, editParts, paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Draft } from '../reads/drafts'
import { isEditable, missingToLaunch } from '../rules'

export const partNames: Record<EditPart, string> = {
  basics: 'Basics',
  funding: 'Funding',
  story: 'Story',
  rewards: 'Rewards',
  faqs: 'FAQ',
  people: 'People',
  launch: 'Launch',
}

/** The frame of the editor's pages: where the project stands, what it lacks, and its parts. */
export function EditorPage(props: {
  draft: Draft
  part: EditPart
  /** What has just been done. */
  done?: string | undefined
  /** What is wrong with what was sent. */
  problem?: string | undefined
  children: ReactNode
}) {
  const { draft, part, done, problem, children } = props
  const { viewer } = useSite()
  const parts = editParts.filter((each) => each !== 'people' || viewer?.id === draft.creatorId)
  const next = parts[parts.indexOf(part) + 1]
  return (
    <Document title={`${partNames[part]} · ${draft.title || 'Untitled'}`} hidden scripted>
      <div className="editor">
        <header className="editor-header">
          <p className="editor-where">
            <a href={paths.making()}>Your projects</a>
          </p>
          <h1>{draft.title || 'Untitled'}</h1>
          <Standing draft={draft} />
        </header>
        <nav className="editor-parts" aria-label="Parts of the project">
          <ul>
            {parts.map((each) => (
              <li key={each}>
                <a
                  href={paths.edit(draft, each)}
                  {...(each === part ? { 'aria-current': 'page' } : {})}
                >
                  {partNames[each]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <section className="editor-part" aria-labelledby="part">
          <h2 id="part">{partNames[part]}</h2>
          {done && <Notice>{done}</Notice>}
          {problem && <FormAlert>{problem}</FormAlert>}
          {children}
        </section>
        {draft.status === 'draft' && next && (
          <p className="editor-next">
            <a href={paths.edit(draft, next)}>Next: {partNames[next]}</a>
          </p>
        )}
      </div>
    </Document>
  )
}

const stateSentences: Record<ProjectStatus, string> = {
  draft: 'Only its makers see it.',
  submitted: 'Nothing can be changed for now.',
  rejected: 'It stays here for you to read.',
  live: 'What you save is seen at once. Goal, end, mode and currency stay.',
  successful: 'It is over: nothing can be changed any more.',
  failed: 'It is over: nothing can be changed any more.',
  canceled: 'It is over: nothing can be changed any more.',
  suspended: 'Our staff has stopped it: nothing can be changed.',
}

function Standing({ draft }: { draft: Draft }) {
  const { now, viewer } = useSite()
  const lacking = draft.status === 'draft' ? missingToLaunch(draft, now).length : 0
  return (
    <div className="editor-standing">
      <p>
        <span className={stateClass(draft)}>{stateOf(draft)}</span> {sentenceOf(draft)}
        {viewer && viewer.id !== draft.creatorId && ` You are helping ${draft.creatorName}.`}
      </p>
      <p className="editor-ways">
        {hasLaunched(draft.status) && !draft.hiddenAt ? (
          <a href={paths.project(draft)}>Its page</a>
        ) : (
          <a href={paths.preview(draft)}>{draft.hiddenAt ? 'Its page' : 'Preview'}</a>
        )}
        {hasLaunched(draft.status) && viewer?.id === draft.creatorId && (
          <a href={paths.dashboard(draft)}>Dashboard</a>
        )}
        {lacking > 0 && (
          <a href={paths.edit(draft, 'launch')}>{plural(lacking, 'thing')} still missing</a>
        )}
      </p>
    </div>
  )
}

/** `Draft`, `In review`, `Approved`: where a project stands, in a word or two for its makers. */
export function stateOf(draft: Pick<Draft, 'status' | 'approvedAt' | 'hiddenAt'>): string {
  const { status, approvedAt, hiddenAt } = draft
  if (hiddenAt) return 'Hidden'
  if (status === 'submitted') return approvedAt ? 'Approved' : 'In review'
  return {
    draft: 'Draft',
    rejected: 'Not accepted',
    live: 'Live',
    successful: 'Funded',
    failed: 'Not funded',
    canceled: 'Canceled',
    suspended: 'Suspended',
  }[status]
}

export const stateClass = ({ status, hiddenAt }: Pick<Draft, 'status' | 'hiddenAt'>) =>
  `editor-state editor-state-${hiddenAt ? 'suspended' : status}`

function sentenceOf({ status, isOver, approvedAt, launchAt, hiddenAt }: Draft): string {
  if (hiddenAt) return 'Our staff has hidden it: readers do not find it any more.'
  if (status === 'live' && isOver) return stateSentences.successful
  if (status !== 'submitted' || !approvedAt) return stateSentences[status]
  if (launchAt) return `It launches by itself on ${formatMoment(launchAt)}.`
  return 'Our staff has approved it: launch it whenever you like.'
}

/** Names the version that a form was made from; every form that saves something has it. */
export const VersionField = ({ version }: { version: number }) => (
  <input type="hidden" name="version" value={version} />
)

/**
 * Above a form that came back because somebody has saved meanwhile: what is stored now of each
 * field that differs from what was typed. The form below has the typed text and, as its version,
 * the stored one, so that saving again is done knowingly.
 */
export function Differences(props: {
  labels: Readonly<Record<string, string>>
  typed: Readonly<Record<string, string>>
  stored: Readonly<Record<string, string>>
}) {
  const { labels, typed, stored } = props
  const names = Object.keys(labels).filter((name) => (typed[name] ?? '') !== (stored[name] ?? ''))
  return (
    <div className="editor-differences" role="alert">
      <p>
        <strong>Somebody has saved this part since you opened it.</strong> Nothing of theirs is
        overwritten so far. Below the form has what you typed; here is what is stored now. Saving
        again replaces it by yours.
      </p>
      <dl>
        {names.map((name) => (
          <div key={name}>
            <dt>{labels[name]}, as it is stored</dt>
            <dd>
              <textarea readOnly rows={3} defaultValue={stored[name]} aria-label={labels[name]} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** Instead of a form, where nothing can be changed. */
export function Frozen({ draft }: { draft: Draft }) {
  return isEditable(draft) ? null : <p className="form-notice">{sentenceOf(draft)}</p>
}

import type { EventKind } from '#db/schema/contact'
import { excerpt } from '#lib/text'
import { paths } from '#web/paths'
import type { Happening } from '../reads/subjects'

/** What is said of an event, on the page and by mail. */
export interface Sentence {
  /** It begins with a name; `who` and `what` make it whole. */
  who: string
  what: string
  /** Words of somebody else, or a reason; empty without. */
  quote: string
  /** Where there is more, and what the way there is called. */
  path: string
  label: string
}

const quoteWordsMax = 60
const quoted = (text: string | undefined) => (text ? excerpt(text, quoteWordsMax) : '')

type Tell = (happening: Told, readerId: number) => Sentence
type Told = Happening & { project: NonNullable<Happening['project']>; who: string }

const tellers: Record<EventKind, Tell> = {
  project_launched: ({ project }) => ({
    ...{ who: project.creatorName, what: `has launched “${project.title}”.`, quote: '' },
    ...{ path: paths.project(project), label: 'See the project' },
  }),
  update_published: ({ project, update }) => ({
    who: project.title,
    what: update ? `has an update: “${update.title}”.` : 'had an update that is gone.',
    quote: quoted(update?.body),
    path: update ? paths.update(project, update.number) : paths.projectTab(project, 'updates'),
    label: 'Read the update',
  }),
  comment_posted: ({ who, project, comment }, readerId) => ({
    who,
    what:
      comment?.answersId === readerId
        ? `answered your comment on “${project.title}”.`
        : `commented on “${project.title}”.`,
    quote: quoted(comment?.body),
    path: commentPath(project, comment),
    label: 'Read and answer',
  }),
  message_sent: ({ who, project, message }) => ({
    ...{ who, what: `wrote to you about “${project.title}”.`, quote: quoted(message?.body) },
    path: message
      ? `${paths.conversation(project, message.memberId)}#message-${message.id}`
      : paths.messages(),
    label: 'Read and answer',
  }),
  person_followed: ({ who, actor }) => ({
    ...{ who, what: 'follows you now.', quote: '' },
    ...{ path: actor ? paths.person(actor) : paths.activity(), label: 'See who it is' },
  }),
  collaborator_invited: ({ who, project }) => ({
    ...{ who, what: `invites you to help with “${project.title}”.`, quote: '' },
    ...{ path: paths.invitation(project), label: 'See the invitation' },
  }),
  survey_sent: ({ project }) => ({
    who: project.creatorName,
    what: `needs a few answers to send you what you backed: “${project.title}”.`,
    quote: '',
    ...{ path: paths.survey(project), label: 'Answer the survey' },
  }),
  person_restricted: ({ reason }) => ({
    ...{ who: 'Our staff', what: 'has taken something from your account for now.', quote: reason },
    ...{ path: paths.settings(), label: 'See your account' },
  }),
  person_unrestricted: ({ reason }) => ({
    ...{ who: 'Our staff', what: 'has given something back to your account.', quote: reason },
    ...{ path: paths.settings(), label: 'See your account' },
  }),
  comment_hidden: ({ project, reason }) => ({
    who: 'Our staff',
    what: `has taken down a comment of yours on “${project.title}”.`,
    quote: reason,
    ...{ path: paths.projectTab(project, 'comments'), label: 'See the project' },
  }),
  update_hidden: ({ project, reason }) => ({
    ...{ who: 'Our staff', what: `has taken down an update of “${project.title}”.`, quote: reason },
    ...{ path: paths.projectTab(project, 'updates'), label: 'See the project' },
  }),
  project_approved: ({ project, reason }) => ({
    ...{ who: project.title, what: 'is approved: you can launch it now.', quote: reason },
    ...{ path: paths.edit(project, 'launch'), label: 'Launch it' },
  }),
  project_sent_back: ({ project, reason }) => ({
    ...{ who: project.title, what: 'needs some work before it can launch.', quote: reason },
    ...{ path: paths.edit(project, 'launch'), label: 'Go on with it' },
  }),
  project_rejected: ({ project, reason }) => ({
    ...{ who: project.title, what: 'was not approved.', quote: reason },
    ...{ path: paths.history(project), label: 'See its history' },
  }),
  project_suspended: ({ project, reason }) => ({
    ...{ who: project.title, what: 'was suspended by our staff.', quote: reason },
    ...{ path: paths.project(project), label: 'See the project' },
  }),
  project_hidden: ({ project, reason }) => ({
    who: project.title,
    what: 'was hidden by our staff: readers do not find it any more.',
    quote: reason,
    ...{ path: paths.preview(project), label: 'See the project' },
  }),
  project_shown: ({ project, reason }) => ({
    ...{ who: project.title, what: 'is shown to everybody again.', quote: reason },
    ...{ path: paths.project(project), label: 'See the project' },
  }),
  project_canceled: ({ project, reason }) => ({
    ...{ who: project.title, what: 'was canceled. Nobody is charged.', quote: reason },
    ...{ path: paths.project(project), label: 'See the project' },
  }),
  project_successful: ({ project }) => ({
    ...{ who: project.title, what: 'has ended, and reached its goal.', quote: '' },
    ...{ path: paths.project(project), label: 'See the project' },
  }),
  project_failed: ({ project }) => ({
    who: project.title,
    what: 'has ended without reaching its goal. Nobody is charged.',
    quote: '',
    ...{ path: paths.project(project), label: 'See the project' },
  }),
}

function commentPath(project: Told['project'], comment: Happening['comment']): string {
  if (!comment) return paths.projectTab(project, 'comments')
  const { id, updateNumber } = comment
  const tab =
    updateNumber === null
      ? paths.projectTab(project, 'comments')
      : paths.update(project, updateNumber)
  return `${tab}#comment-${id}`
}

/** About a person alone; these name no project. */
const noProject = { id: 0, title: '', category: '', image: null, creatorId: 0, creatorName: '' }
const goneProject: Sentence = {
  ...{ who: 'A project', what: 'you heard of here is gone.', quote: '' },
  ...{ path: paths.discover(), label: 'See other projects' },
}

/** What an event is to one of those whom it concerns. */
export function sentenceOf(happening: Happening, readerId: number): Sentence {
  const who = happening.actor?.name ?? 'Somebody'
  if (!happening.project && !happening.kind.startsWith('person_')) return goneProject
  const project = happening.project ?? noProject
  return tellers[happening.kind]({ ...happening, project, who }, readerId)
}

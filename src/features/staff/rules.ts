import { z } from 'zod'
import {
  type ReportedKind,
  type RestrictionKind,
  reportedKinds,
  restrictionKinds,
} from '#db/schema/trust'
import { blank, idSchema } from '#http/input'

/** Lines of a queue or of the log on one page. */
export const staffPageRows = 25
export const reasonCharactersMax = 1_000
export const detailsCharactersMax = 2_000
/** Of what was reported; longer updates are kept by their beginning. */
export const excerptCharactersMax = 5_000
/** Of a conversation, for staff to understand what was reported. */
export const messagesBefore = 5

export const reportsPerPerson = { times: 20, seconds: 24 * 3600 }

/** One of the things that can be reported. */
export interface ThingKey {
  kind: ReportedKind
  /** Null for a person. */
  projectId: number | null
  /** The number of the update, comment, message or person; 0 for a project. */
  subject: number
  /** Whose conversation, for a message. */
  memberId: number | null
}

/** What a report is about, as it is kept. */
export const keyOf = ({
  aboutProject,
  kind,
  subject,
  memberId,
}: Omit<ThingKey, 'projectId'> & { aboutProject: number | null }): ThingKey => ({
  ...{ kind, projectId: aboutProject, subject, memberId },
})

/** Why something should not be here: what is kept, and what a reader chooses. */
export const reportReasons = {
  misleading: 'It misleads about what exists, or about who makes it',
  not_a_project: 'It raises money, but nothing is to be made',
  prohibited: 'It offers something that is not allowed',
  reselling: 'It resells what others make',
  stolen: 'It uses somebody’s work or name without permission',
  impersonation: 'They pretend to be somebody else',
  money: 'It asks for money elsewhere, or for account details',
  spam: 'It is spam or advertising',
  hateful: 'It is hateful, or calls for violence',
  harassment: 'It harasses or threatens somebody',
  sexual: 'It shows sexual acts or abuse',
  private: 'It shows somebody’s private details',
  other: 'Something else',
} as const

export type ReportReason = keyof typeof reportReasons

const said = ['spam', 'harassment', 'hateful', 'sexual', 'private', 'stolen', 'money'] as const

/** Which reasons there are for what. */
export const reasonsFor: Record<ReportedKind, readonly ReportReason[]> = {
  project: [
    ...(['misleading', 'not_a_project', 'prohibited', 'reselling', 'stolen', 'money'] as const),
    ...(['hateful', 'sexual', 'private', 'spam', 'other'] as const),
  ],
  update: ['misleading', ...said, 'other'],
  comment: ['misleading', ...said, 'other'],
  message: ['harassment', 'money', 'spam', 'hateful', 'sexual', 'private', 'other'],
  person: ['impersonation', 'harassment', 'hateful', 'sexual', 'spam', 'money', 'other'],
}

const place = blank(idSchema)

export const thingQuery = z.object({
  kind: z.enum(reportedKinds),
  project: place,
  subject: place,
  member: place,
})

/** What an address says is reported; undefined where that is not enough to find it. */
export function toThingKey(query: z.output<typeof thingQuery>): ThingKey | undefined {
  const { kind, project = null, subject, member = null } = query
  const needs = {
    project: project !== null,
    update: project !== null && subject !== undefined,
    comment: project !== null && subject !== undefined,
    message: project !== null && subject !== undefined && member !== null,
    person: subject !== undefined,
  }
  if (!needs[kind]) return undefined
  return {
    kind,
    projectId: kind === 'person' ? null : project,
    subject: kind === 'project' ? 0 : (subject ?? 0),
    memberId: kind === 'message' ? member : null,
  }
}

/** The same the other way round, as `paths.report` has it. */
export const toThingQuery = ({ kind, projectId, subject, memberId }: ThingKey) => ({
  kind,
  project: projectId ?? undefined,
  subject: subject || undefined,
  member: memberId ?? undefined,
})

const trimmed = (charactersMax: number) =>
  z.string().trim().max(charactersMax, `May have ${charactersMax} characters at most.`)

export const reportForm = (kind: ReportedKind) =>
  z
    .object({
      reason: z
        .string('Please choose one.')
        .refine((text) => reasonsFor[kind].some((reason) => reason === text), 'Please choose one.')
        .transform((text) => text as ReportReason),
      details: trimmed(detailsCharactersMax).default(''),
    })
    .refine(({ reason, details }) => reason !== 'other' || details !== '', {
      path: ['details'],
      message: 'Please say what is wrong.',
    })

const reason = z
  .string('Please say why.')
  .pipe(trimmed(reasonCharactersMax).min(1, 'Please say why.'))

/** For every act that somebody else has to live with. */
export const reasonForm = z.object({ reason })

export const restrictionDays = ['1', '7', '30', 'lifted'] as const

const checked = z
  .string()
  .optional()
  .transform((text) => text !== undefined)

export const restrictionForm = z
  .object({
    ...{ comment: checked, message: checked, submit: checked, pledge: checked, report: checked },
    days: z.enum(restrictionDays, 'Please choose one.'),
    reason,
    /** The report it answers. */
    about: blank(idSchema),
  })
  .transform(({ days, reason, about, ...kinds }) => ({
    kinds: restrictionKinds.filter((kind) => kinds[kind]),
    days: days === 'lifted' ? null : Number(days),
    reason,
    about,
  }))
  .refine(({ kinds }) => kinds.length > 0, {
    path: ['kinds'],
    message: 'Please choose at least one.',
  })

/** What can be taken from somebody. */
export const restrictionNames: Record<RestrictionKind, string> = {
  comment: 'Comments',
  message: 'Messages',
  submit: 'Submitting and launching projects',
  pledge: 'Backing projects',
  report: 'Reports',
}

export const restrictionTerms = {
  1: 'For 1 day',
  7: 'For 7 days',
  30: 'For 30 days',
  lifted: 'Until it is lifted',
} as const satisfies Record<(typeof restrictionDays)[number], string>

/** What was taken, for how long, and why: as the log and the person are told. */
export function tellTerms(kinds: RestrictionKind[], days: number | null, reason: string): string {
  const names = kinds.map((kind) => restrictionNames[kind].toLowerCase())
  const terms = days === null ? 'until it is lifted' : `for ${days} ${days === 1 ? 'day' : 'days'}`
  return `No ${names.join(', no ')} ${terms}. ${reason}`
}

/** What staff does, each as the log tells it. */
export const acts = {
  approve: 'approved {project}',
  send_back: 'sent {project} back to {person}',
  reject: 'rejected {project} by {person}',
  pick: 'made {project} a staff pick',
  unpick: 'took {project} from the staff picks',
  suspend: 'suspended {project} by {person}',
  hide_project: 'hid {project} by {person}',
  show_project: 'showed {project} by {person} again',
  hide_comment: 'hid a comment by {person} on {project}',
  show_comment: 'showed a comment by {person} on {project} again',
  hide_update: 'hid update {subject} of {project}',
  show_update: 'showed update {subject} of {project} again',
  dismiss: 'dismissed {report}',
  restrict: 'restricted {person}',
  lift: 'lifted a restriction of {person}',
} as const

export type Act = keyof typeof acts

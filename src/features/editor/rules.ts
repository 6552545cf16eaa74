import { z } from 'zod'
import type { ProjectStatus } from '#features/projects/rules'
import type { EditPart } from '#web/paths'
import type { Draft } from './reads/drafts'

export const titleCharactersMax = 60
export const blurbCharactersMax = 135
export const tagsMax = 5
export const tagCharactersMax = 30
export const placeCharactersMax = 60
export const storyCharactersMin = 200
export const storyCharactersMax = 35_000
export const risksCharactersMax = 5_000
export const budgetLinesMax = 20
export const budgetLabelCharactersMax = 60
export const durationDaysMin = 1
export const durationDaysMax = 60
/** Drafts and projects in review that one person may have at a time. */
export const openDraftsMax = 20

export const actsPerPerson = { times: 60, seconds: 3600 }
export const newPerPerson = { times: 20, seconds: 3600 }
export const savesPerPerson = { times: 600, seconds: 3600 }

/** The version of the draft that a form was made from; 0 before there is one. */
export const versionField = z
  .string('Is missing: load the page again.')
  .regex(/^\d{1,9}$/, 'Is not the number of a version: load the page again.')
  .transform(Number)

/** While its makers may change it: once it is over, everything stays as its backers knew it. */
export const isEditable = ({ status, isOver }: Pick<Draft, 'status' | 'isOver'>): boolean =>
  status === 'draft' || (status === 'live' && !isOver)

/** Promised to backers: fixed from the launch on. */
export const areTermsFixed = (status: ProjectStatus): boolean => status !== 'draft'

/** What a draft lacks, and in which field of which part of the editor it is given. */
export interface Missing {
  part: EditPart
  field: string
  sentence: string
}

const dayMs = 24 * 3_600_000

/**
 * All that a draft lacks before it can be launched, in the order of the editor; nothing when it is
 * whole. A picture is not asked for, as the site draws one, and neither are rewards: who offers
 * none says so when submitting.
 */
export function missingToLaunch(draft: Draft, now: Date): Missing[] {
  const { durationDays, plannedEnd } = draft
  const lacks: [isLacking: boolean, part: EditPart, field: string, sentence: string][] = [
    [draft.title === '', 'basics', 'title', 'A title'],
    [draft.description === '', 'basics', 'description', 'A line that says what it is'],
    [draft.city === '', 'basics', 'city', 'The place you work at'],
    [draft.goal <= 0, 'funding', 'goal', 'A goal'],
    [
      durationDays === null && plannedEnd === null,
      'funding',
      'durationDays',
      'How long it runs, or until when',
    ],
    [
      plannedEnd !== null && daysUntil(plannedEnd, now) < durationDaysMin,
      'funding',
      'plannedEnd',
      'An end that is a day away at least',
    ],
    [
      draft.story.length < storyCharactersMin,
      'story',
      'story',
      `A story of at least ${storyCharactersMin} characters`,
    ],
    [draft.risks === '', 'story', 'risks', 'What could go wrong'],
  ]
  return lacks
    .filter(([isLacking]) => isLacking)
    .map(([, part, field, sentence]) => ({ part, field, sentence }))
}

/** Whole and part days from one moment to the other. */
export const daysUntil = (moment: Date, now: Date) => (moment.getTime() - now.getTime()) / dayMs

/** Whether a project launched at one moment may end at the other. */
export function isEndInReach(end: Date, launch: Date): boolean {
  const days = daysUntil(end, launch)
  return days >= durationDaysMin && days <= durationDaysMax
}

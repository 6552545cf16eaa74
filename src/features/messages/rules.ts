import { z } from 'zod'
import type { Permission } from '#db/schema/making'
import { hasPublicPage, type ProjectStatus } from '#features/projects/rules'
import { blank } from '#http/input'

export const messageCharactersMax = 5_000
export const messagesPerPerson = { times: 30, seconds: 600 }
export const messagesPageRows = 30
export const conversationsPageRows = 20
/** The same text by the same person as the last word within so long is one button pressed twice. */
export const twiceMinutes = 10
/** Words of the last message that a list shows. */
export const previewWordsMax = 20

export const messageForm = z.object({
  body: z
    .string()
    .trim()
    .min(1, 'Please write something first.')
    .max(messageCharactersMax, `May have ${messageCharactersMax} characters at most.`),
})

/** The member who asked, or those who answer for the project. */
export type Side = 'member' | 'creator'

/**
 * On which side somebody stands in what a member and a project's makers write to each other;
 * undefined for others. Anybody but the creator may ask about a project that has a page; makers
 * answer, and do not begin.
 */
export function sideOf(
  viewerId: number,
  conversation: {
    project: { status: ProjectStatus; hiddenAt: Date | null; creatorId: number }
    memberId: number
    hasBegun: boolean
    /** As a collaborator. */
    permissions: readonly Permission[] | null
  },
): Side | undefined {
  const { project, memberId, hasBegun, permissions } = conversation
  if (viewerId === memberId) {
    const mayBegin = viewerId !== project.creatorId && hasPublicPage(project)
    return hasBegun || mayBegin ? 'member' : undefined
  }
  const answers = viewerId === project.creatorId || permissions?.includes('community')
  return hasBegun && answers ? 'creator' : undefined
}

/** A place in a list of conversations: the microsecond of its last message, and which it is. */
export interface ConversationPlace {
  at: string
  projectId: number
  memberId: number
}

export const placeText = ({ at, projectId, memberId }: ConversationPlace): string =>
  [at, projectId, memberId].join('.')

const placePattern = /^(\d{1,16})\.(\d{1,15})\.(\d{1,15})$/

/** `after=`, as `placeText` writes it. */
export const placeAfter = blank(
  z
    .string()
    .regex(placePattern, 'is no place in this list')
    .transform((text): ConversationPlace => {
      const [at = '', projectId, memberId] = text.split('.')
      return { at, projectId: Number(projectId), memberId: Number(memberId) }
    }),
)

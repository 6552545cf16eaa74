import { z } from 'zod'
import { personSummary, toPersonSummary } from '#features/people/rules'
import { ofProject } from '#features/projects/parts/json'
import { noInput, type Samples } from '#http/api'
import { found } from '#http/input'
import {
  address,
  count,
  describeAfter,
  id,
  idDigitsMax,
  numberAfter,
  numberInput,
  pageOf,
  time,
  toCursor,
  toTime,
} from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { findConversation, listConversations, listMessages } from './reads'
import { messageForm, messagesPerPerson, placeAfter } from './rules'
import { markRead, sendMessage } from './writes'

const conversation = z
  .object({
    url: address,
    project: z.object({ id, title: z.string() }),
    member: id.describe('Who asked; with the project it names the conversation.'),
    other: personSummary,
    unread: count,
    lastAt: time,
    lastMessage: z.string().describe('Its beginning.'),
  })
  .meta({ id: 'Conversation' })

const message = z
  .object({ id, author: personSummary, body: z.string(), createdAt: time })
  .meta({ id: 'Message' })

const ofConversation = {
  params: ofProject.params.extend({
    member: numberInput(idDigitsMax).describe('Who asked: your own number, unless you answer.'),
  }),
  missing: { ...ofProject.missing, member: 'conversation_not_found' },
  sample: ({ project, person }: Samples) => ({ id: project, member: person }),
} as const

const keyOf = (params: { id: number; member: number }) => ({
  ...{ projectId: params.id, memberId: params.member },
})

export const messagesApi = [
  ownEndpoint({
    id: 'listConversations',
    method: 'get',
    path: '/me/conversations',
    summary: 'What you and others write to each other, the latest first',
    scope: 'messages',
    params: noInput,
    query: z.strictObject({ after: describeAfter(placeAfter) }),
    answer: pageOf(conversation),
    sample: () => ({}),
    handle: async ({ deps, viewer, query, url }) => {
      const { page, next } = await listConversations(deps.db, viewer.id, query.after)
      const data = page.map((row) => ({
        url: url(paths.conversation({ id: row.projectId }, row.memberId)),
        project: { id: row.projectId, title: row.title },
        member: row.memberId,
        other: toPersonSummary(row.other, url),
        unread: row.unread,
        lastAt: toTime(row.lastAt),
        lastMessage: row.last.body,
      }))
      return { data, next }
    },
  }),

  ownEndpoint({
    id: 'listMessages',
    method: 'get',
    path: '/projects/{id}/messages/{member}',
    summary: 'One conversation, the oldest message of the page first',
    description: '`next` leads to those before it. Reading marks nothing as read.',
    scope: 'messages',
    ...ofConversation,
    query: z.strictObject({ after: numberAfter(idDigitsMax) }),
    answer: pageOf(message),
    handle: async ({ deps: { db }, viewer, params, query, url }) => {
      const key = keyOf(params)
      const [given, page] = await Promise.all([
        findConversation(db, viewer.id, key),
        listMessages(db, key, query.after),
      ])
      found(given, new AppError('conversation_not_found'))
      const data = page.messages.map((row) => ({
        id: row.id,
        author: toPersonSummary({ id: row.authorId, name: row.authorName }, url),
        body: row.body,
        createdAt: toTime(row.createdAt),
      }))
      return { data, next: toCursor(page.earlier) }
    },
  }),

  ownEndpoint({
    id: 'sendMessage',
    method: 'post',
    path: '/projects/{id}/messages/{member}',
    summary: 'Write to the creator of a project, or answer',
    description: 'The same twice in a row is sent once.',
    scope: 'messages',
    restriction: 'message',
    rate: ['message', messagesPerPerson],
    ...ofConversation,
    body: z.strictObject(messageForm.shape),
    bodyExample: { body: 'Do you ship to Norway?' },
    answer: z.object({ id, url: address }),
    creates: true,
    handle: async ({ deps, viewer, params, body, url }) => {
      const id = await sendMessage(deps.db, viewer, { ...keyOf(params), ...body })
      const page = paths.conversation({ id: params.id }, params.member)
      return { id, url: url(`${page}#message-${id}`) }
    },
  }),

  ownEndpoint({
    id: 'markMessagesRead',
    method: 'put',
    path: '/projects/{id}/messages/{member}/read',
    summary: 'Mark messages as read, up to one',
    scope: 'messages',
    ...ofConversation,
    body: z.strictObject({ upTo: id.describe('The id of the last one you have read.') }),
    bodyExample: { upTo: 42 },
    handle: async ({ deps: { db }, viewer, params, body }) => {
      const key = keyOf(params)
      const given = await findConversation(db, viewer.id, key)
      const { side } = found(given, new AppError('conversation_not_found'))
      await markRead(db, key, side, body.upTo)
    },
  }),
]

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { requireAccess } from '#features/projects/reads/access'
import type { AppEnv } from '#http/env'
import { type FormErrors, type FormValues, readForm } from '#http/forms'
import { found, numberAfter, parseProjectId, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireUnrestricted, requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { ConversationPage, MessagesPage, ProjectMessagesPage } from './pages'
import {
  findConversation,
  listConversations,
  listMessages,
  listProjectConversations,
} from './reads'
import { messageForm, messagesPerPerson, placeAfter } from './rules'
import { markRead, sendMessage } from './writes'

export const messages = new Hono<AppEnv>()

const listQuery = validQuery(z.object({ after: placeAfter }))
const conversationPath = '/projects/:project/messages/:member{[1-9][0-9]{0,14}}'

messages.get('/messages', listQuery, async (c) => {
  const { id } = requireViewer(c)
  const { after } = c.req.valid('query')
  const { page, next } = await listConversations(c.var.deps.db, id, after)
  return renderPage(c, <MessagesPage conversations={page} next={next} isFirstPage={!after} />)
})

messages.get('/projects/:project/messages', listQuery, async (c) => {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const { after } = c.req.valid('query')
  const [{ project }, { page, next }] = await Promise.all([
    requireAccess(db, viewer, id, 'community'),
    listProjectConversations(db, id, after),
  ])
  const list = { conversations: page, next, isFirstPage: !after }
  return renderPage(c, <ProjectMessagesPage project={project} {...list} />)
})

messages.get(conversationPath, validQuery(z.object({ after: numberAfter })), (c) =>
  conversationPage(c, { after: c.req.valid('query').after }),
)

messages.post(conversationPath, async (c) => {
  const viewer = requireUnrestricted(c, 'message')
  const { values, data, errors } = await readForm(c, messageForm)
  if (errors) return conversationPage(c, { values, errors })
  await limit(c, 'message', String(viewer.id), messagesPerPerson)
  const key = keyOf(c)
  const id = await sendMessage(c.var.deps.db, viewer, { ...key, ...data })
  const path = paths.conversation({ id: key.projectId }, key.memberId)
  return c.redirect(`${path}#message-${id}`, 303)
})

const keyOf = (c: Context<AppEnv>) => ({
  projectId: parseProjectId(c.req.param('project') ?? ''),
  memberId: Number(c.req.param('member')),
})

interface Typed {
  after?: number | undefined
  values?: FormValues
  errors?: FormErrors
}

/** Whoever opens the latest page has read it; a browser that only fetches it ahead has not. */
async function conversationPage(c: Context<AppEnv>, typed: Typed): Promise<Response> {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const key = keyOf(c)
  const { after, ...form } = typed
  const [given, page] = await Promise.all([
    findConversation(db, viewer.id, key),
    listMessages(db, key, after),
  ])
  const conversation = found(given, new AppError('conversation_not_found'))
  const last = page.messages.at(-1)
  const isAhead = c.req.header('sec-purpose')?.startsWith('prefetch') ?? false
  if (conversation.unread > 0 && last && !after && !isAhead) {
    await markRead(db, key, conversation.side, last.id)
  }
  return renderPage(
    c,
    <ConversationPage
      conversation={conversation}
      isLatestPage={!after}
      isRestricted={viewer.restrictions.includes('message')}
      {...page}
      {...form}
    />,
    form.errors ? 422 : 200,
  )
}

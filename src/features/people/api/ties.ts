import { z } from 'zod'
import { noInput } from '#http/api'
import { cursorAfter } from '#http/input'
import { describeAfter, idDigitsMax, numberAfter, pageOf, toCursor } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { listBlocked, listFollowed } from '../reads/ties'
import {
  followsPerPair,
  followsPerPerson,
  ofPerson,
  personSummary,
  toPersonSummary,
} from '../rules'
import { block, follow, unblock, unfollow } from '../writes/ties'

const lists = [
  ownEndpoint({
    id: 'listFollowed',
    method: 'get',
    path: '/me/following',
    summary: 'Whom you follow, the latest first',
    scope: 'read',
    params: noInput,
    query: z.strictObject({ after: describeAfter(cursorAfter) }),
    answer: pageOf(personSummary),
    sample: () => ({}),
    handle: async ({ deps, viewer, query, url }) => {
      const { page, next } = await listFollowed(deps.db, viewer.id, query.after)
      return { data: page.map((row) => toPersonSummary(row, url)), next }
    },
  }),

  ownEndpoint({
    id: 'listBlocked',
    method: 'get',
    path: '/me/blocked',
    summary: 'Whom you have blocked',
    scope: 'read',
    params: noInput,
    query: z.strictObject({ after: numberAfter(idDigitsMax) }),
    answer: pageOf(personSummary),
    sample: () => ({}),
    handle: async ({ deps, viewer, query, url }) => {
      const { page, next } = await listBlocked(deps.db, viewer.id, query.after)
      return { data: page.map((row) => toPersonSummary(row, url)), next: toCursor(next) }
    },
  }),
]

export const tiesApi = [
  ...lists,
  ownEndpoint({
    id: 'followPerson',
    method: 'put',
    path: '/people/{id}/follow',
    summary: 'Follow a person',
    scope: 'write',
    rate: ['follow', followsPerPerson],
    ...ofPerson,
    handle: async ({ deps, viewer, params, count }) => {
      await count('follow', `${viewer.id} ${params.id}`, followsPerPair)
      await follow(deps.db, viewer, params.id)
    },
  }),

  ownEndpoint({
    id: 'unfollowPerson',
    method: 'delete',
    path: '/people/{id}/follow',
    summary: 'Follow a person no more',
    scope: 'write',
    ...ofPerson,
    handle: ({ deps, viewer, params }) => unfollow(deps.db, viewer, params.id),
  }),

  ownEndpoint({
    id: 'blockPerson',
    method: 'put',
    path: '/people/{id}/block',
    summary: 'Block a person',
    description: 'Neither can write to the other any more, or follow them.',
    scope: 'write',
    ...ofPerson,
    handle: ({ deps, viewer, params }) => block(deps.db, viewer, params.id),
  }),

  ownEndpoint({
    id: 'unblockPerson',
    method: 'delete',
    path: '/people/{id}/block',
    summary: 'Block a person no more',
    scope: 'write',
    ...ofPerson,
    handle: ({ deps, viewer, params }) => unblock(deps.db, viewer, params.id),
  }),
]

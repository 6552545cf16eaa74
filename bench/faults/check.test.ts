import { expect, test } from 'bun:test'
import { check, decided, type Stored } from './check'
import { newOperation, type Operation } from './history'

/** One backer of project 1 with the number 7, whose pledge has the number 70. */
const operation = (given: Partial<Operation>): Operation =>
  newOperation({
    ...{ projectId: 1, backerId: 7, key: 'a', verb: 'place', attempts: 1 },
    ...{ wish: { reward: 5, bonus: 0, total: 300 }, outcome: 'ok', status: 201 },
    ...{ pledgeId: 70, total: 300, ...given },
  })
const place = operation({})
const change = operation({
  ...{ verb: 'change', key: 'b', wish: { reward: null, bonus: 200, total: 200 }, total: 200 },
})
const cancel = operation({ verb: 'cancel', key: 'c', wish: null, pledgeId: null, total: null })

const placed: Stored = {
  pledges: [{ projectId: 1, backerId: 7, id: 70, status: 'pledged', amount: 300, rewardId: 5 }],
  keys: [{ projectId: 1, backerId: 7, key: 'a' }],
  lines: [{ projectId: 1, pledgeId: 70, kind: 'pledge', amount: 300 }],
  rewards: [{ id: 5, quantity: 1, taken: 1 }],
  projects: [{ id: 1, pledged: 300, backers: 1 }],
}
const nothing: Stored = {
  ...{ pledges: [], keys: [], lines: [] },
  rewards: [{ id: 5, quantity: 1, taken: 0 }],
  projects: [{ id: 1, pledged: 0, backers: 0 }],
}
const line = (kind: string, amount: number) => ({ projectId: 1, pledgeId: 70, kind, amount })
const canceled: Stored = {
  ...nothing,
  pledges: [{ ...placed.pledges[0], status: 'canceled', amount: 200, rewardId: null } as never],
  keys: ['a', 'b', 'c'].map((key) => ({ projectId: 1, backerId: 7, key })),
  lines: [line('pledge', 300), line('cancel', 300), line('pledge', 200), line('cancel', 200)],
}
const refused = operation({ outcome: 'refused', status: 409, code: 'sold_out', pledgeId: null })
const unknown = operation({ outcome: 'unknown', status: 0, unheard: 1, pledgeId: null })
const refusedLate = operation({ ...refused, outcome: 'unknown', unheard: 1 })
const again = operation({ repeats: 'same' })
const other = operation({ repeats: 'other', outcome: 'refused', status: 422, code: 'key_reused' })

test.each<[string, Operation[], Stored]>([
  ['what was acknowledged', [place], placed],
  ['what was changed and canceled', [place, change, cancel], canceled],
  ['what was refused', [refused], nothing],
  ['what nobody knows, done', [unknown], placed],
  ['what nobody knows, not done', [unknown], nothing],
  ['a refusal after an unheard attempt that was done', [refusedLate], placed],
  ['a refusal after an unheard attempt that was not', [refusedLate], nothing],
  ['what was sent again', [place, again, other], placed],
])('agrees: %s', (_, history, stored) => {
  expect(check(decided(history, stored), stored)).toEqual([])
})

const wrong = (sentence: string, history: Operation[], stored: Stored) =>
  [sentence, history, stored] as const

test.each([
  wrong('instead of', [place], nothing),
  wrong('instead of', [refused], placed),
  wrong('nobody has asked for it', [], placed),
  wrong('instead of', [place], { ...placed, lines: [line('pledge', 300), line('pledge', 300)] }),
  wrong('instead of', [place], { ...placed, lines: [] }),
  wrong('instead of', [place], { ...placed, keys: [] }),
  wrong('instead of', [place, change], placed),
  wrong('instead of', [unknown], { ...placed, lines: [] }),
  wrong('instead of', [refusedLate], { ...placed, keys: [] }),
  wrong('instead of', [refusedLate], { ...nothing, keys: placed.keys }),
  wrong('already_pledged', [place, { ...refusedLate, key: 'e' }], placed),
  wrong('went on without knowing', [unknown, place], placed),
  wrong('has another number', [{ ...place, pledgeId: 71 }], placed),
  wrong('301 was acknowledged for 300', [{ ...place, total: 301 }], placed),
  wrong('done instead of already_pledged', [place, { ...place, key: 'd' }], placed),
  wrong('sent again it was refused', [place, { ...again, outcome: 'refused' }], placed),
  wrong('its key was taken twice', [place, { ...other, code: null }], placed),
  wrong('refused with 500 internal', [{ ...refused, status: 500, code: 'internal' }], nothing),
  wrong('project 1', [place], { ...placed, projects: [{ id: 1, pledged: 0, backers: 1 }] }),
  wrong('1 of 0 taken', [place], { ...placed, rewards: [{ id: 5, quantity: 0, taken: 1 }] }),
  wrong('2 counted', [place], { ...placed, rewards: [{ id: 5, quantity: 9, taken: 2 }] }),
])('says %p', (sentence, history, stored) => {
  expect(check(decided(history, stored), stored).join('\n')).toContain(sentence)
})

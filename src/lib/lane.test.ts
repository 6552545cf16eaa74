import { describe, expect, test } from 'bun:test'
import { createLane, type Lane } from './lane'

const options = { waitMs: 200, fewest: 10, most: 400 }
const lookMs = 100

/** Lets in as many as it takes, and finishes `pace` of them a second. */
function run(lane: Lane, seconds: number, pace: number, { isLate = true, from = 0 } = {}) {
  const leaving: (() => void)[] = []
  let most = 0
  for (let look = 0; look < seconds * 10; look++) {
    while (lane.atWork() < lane.limit()) leaving.push(lane.enter())
    most = Math.max(most, lane.atWork())
    // As many come as go, so that there always is a queue.
    for (let done = 0; done < pace / 10; done++) {
      leaving.shift()?.()
      if (lane.atWork() < lane.limit()) leaving.push(lane.enter())
    }
    lane.look(from + (look + 1) * lookMs, isLate)
  }
  return { most, leaving }
}

test('a crowd that comes at once is let in while nothing is known', () => {
  const lane = createLane(options)
  expect(lane.limit()).toBe(400)
  for (let one = 0; one < 50; one++) lane.enter()
  expect(lane.atWork()).toBe(50)
})

describe('behind a queue', () => {
  test('so many are let in as are finished within the wait', () => {
    const lane = createLane(options)
    run(lane, 5, 300)
    // 300 a second, 0.2 seconds.
    expect(lane.limit()).toBeGreaterThan(45)
    expect(lane.limit()).toBeLessThan(75)
  })

  test('the limit follows the pace, both ways', () => {
    const lane = createLane(options)
    run(lane, 4, 300)
    const middle = lane.limit()
    run(lane, 4, 1_000, { from: 4_000 })
    expect(lane.limit()).toBeGreaterThan(middle * 2)
    run(lane, 6, 100, { from: 8_000 })
    expect(lane.limit()).toBeLessThan(middle)
  })

  test('a few are always let in, however slow it is', () => {
    const lane = createLane(options)
    run(lane, 10, 10)
    expect(lane.limit()).toBe(10)
  })

  test('while we keep up ourselves, as many as there may be wait for somebody else', () => {
    const lane = createLane(options)
    run(lane, 5, 100, { isLate: false })
    expect(lane.limit()).toBe(400)
    run(lane, 3, 100, { from: 5_000 })
    expect(lane.limit()).toBeLessThan(40)
  })
})

test('after a second without a queue the pace is forgotten', () => {
  const lane = createLane(options)
  const { leaving } = run(lane, 5, 100)
  expect(lane.limit()).toBeLessThan(100)
  for (const leave of leaving) leave()
  expect(lane.atWork()).toBe(0)
  for (let look = 1; look <= 24; look++) lane.look(5_000 + look * lookMs, false)
  expect(lane.limit()).toBe(400)
})

test('who waits for something else for long keeps nobody out, and leaves without a trace', () => {
  const lane = createLane(options)
  const stuck = Array.from({ length: 100 }, () => lane.enter())
  expect(lane.atWork()).toBe(100)
  for (let look = 1; look <= 25; look++) lane.look(look * lookMs, false)
  expect(lane.atWork()).toBe(0)
  const leave = lane.enter()
  for (const each of stuck) each()
  expect(lane.atWork()).toBe(1)
  leave()
  expect(lane.atWork()).toBe(0)
})

test('nothing is made for each that is let in', () => {
  const lane = createLane(options)
  expect(lane.enter()).toBe(lane.enter())
})

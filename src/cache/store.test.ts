import { describe, expect, test } from 'bun:test'
import { bytesOf, type Entry } from './entry'
import { createStore } from './store'

const entry = (bytes: number, tags: string[] = []): Entry => ({
  headers: {},
  bodies: { identity: new Uint8Array(bytes) },
  tags,
  freshUntil: 0,
  staleUntil: 0,
  madeAt: 0,
  standInUntil: 0,
  hits: 0,
  triedBrotli: false,
  built: {},
})
const room = (entries: number) => bytesOf(entry(1_000)) * entries

describe('a store', () => {
  test('gives back what was put in, and never takes more than its bytes', () => {
    const store = createStore(room(50))
    for (let key = 0; key < 1_000; key += 1) {
      store.set(String(key), entry(1_000))
      expect(store.bytes()).toBeLessThanOrEqual(room(50))
    }
    expect(store.size()).toBeGreaterThan(45)
    expect(store.get('999')).toBeDefined()
    expect(store.get('0')).toBeUndefined()
  })

  test('counts the same key once, with its last size', () => {
    const store = createStore(room(50))
    for (const bytes of [1_000, 3_000, 10]) store.set('same', entry(bytes))
    expect(store.size()).toBe(1)
    expect(store.bytes()).toBe(bytesOf(entry(10)) + 'same'.length)
  })

  test('keeps what is asked for through a scan a hundred times its size', () => {
    const store = createStore(room(100))
    const hot = Array.from({ length: 50 }, (_, index) => `hot ${index}`)
    const ask = (key: string) => {
      const found = store.get(key)
      if (!found) store.set(key, entry(1_000))
      return found !== undefined
    }
    for (let round = 0; round < 5; round += 1) hot.map(ask)
    let hits = 0
    let asked = 0
    for (let index = 0; index < 10_000; index += 1) {
      ask(`scan ${index}`)
      // Four of five go elsewhere.
      if (index % 4 !== 0) continue
      asked += 1
      if (ask(hot[(index / 4) % hot.length] ?? '')) hits += 1
    }
    expect(hits / asked).toBeGreaterThan(0.99)
  })

  test('is not emptied by one that asks for each address twice', () => {
    const store = createStore(room(100))
    const hot = Array.from({ length: 40 }, (_, index) => `hot ${index}`)
    for (const key of hot) store.set(key, entry(1_000))
    for (let index = 0; index < 5_000; index += 1) {
      for (const key of hot) if (index % 20 === 0) store.get(key)
      for (const again of [1, 2]) {
        if (!store.get(`hostile ${index}`)) store.set(`hostile ${index}`, entry(again * 500))
      }
    }
    expect(hot.filter((key) => store.get(key)).length).toBe(hot.length)
  })

  test('takes a key into the main queue when it comes back soon after it was pushed out', () => {
    const store = createStore(room(20))
    for (let index = 0; index < 30; index += 1) store.set(`first ${index}`, entry(1_000))
    expect(store.get('first 5')).toBeUndefined()
    store.set('first 5', entry(1_000))
    for (let index = 0; index < 15; index += 1) store.set(`second ${index}`, entry(1_000))
    expect(store.get('first 5')).toBeDefined()
  })

  test('leaves out what is larger than a tenth of it', () => {
    const store = createStore(room(10))
    store.set('large', entry(2_500))
    expect(store.get('large')).toBeUndefined()
    expect(store.bytes()).toBe(0)
  })

  test('drops what carries a tag, once for each of its tags', () => {
    const store = createStore(room(50))
    store.set('a', entry(10, ['project:1', 'person:1']))
    store.set('b', entry(10, ['project:2', 'person:1']))
    store.set('c', entry(10, ['project:3']))
    store.drop(['project:1'])
    expect([...'abc'].map((key) => store.get(key) !== undefined)).toEqual([false, true, true])
    store.drop(['person:1', 'project:2', 'unknown'])
    expect([...'abc'].map((key) => store.get(key) !== undefined)).toEqual([false, false, true])
    expect(store.bytes()).toBe(bytesOf(entry(10, ['project:3'])) + 'c'.length)
    store.clear()
    expect([store.size(), store.bytes()]).toEqual([0, 0])
  })

  test('drops by the tags of the last that was put in', () => {
    const store = createStore(room(50))
    store.set('page', entry(10, ['project:1']))
    store.set('page', entry(10, ['project:2']))
    store.drop(['project:1'])
    expect(store.get('page')).toBeDefined()
    store.drop(['project:2'])
    expect(store.get('page')).toBeUndefined()
  })

  test('weighs an entry again that has grown, and makes room', () => {
    const store = createStore(room(20))
    for (let index = 0; index < 20; index += 1) store.set(`${index}`, entry(1_000))
    const last = store.get('19') as Entry
    last.bodies.br = new Uint8Array(1_000)
    store.weigh('19')
    expect(store.bytes()).toBeLessThanOrEqual(room(20))
    expect(store.size()).toBeLessThan(20)
    store.weigh('nobody')
  })
})

import { expect, test } from 'bun:test'
import type postgres from 'postgres'
import { runTasks, type Task } from './schedule'

/** Connections that write down what runs at the same time, instead of running it. */
function recorder(count: number, fail?: string) {
  const running = new Set<string>()
  const together: string[][] = []
  const order: string[] = []
  const connection = {
    unsafe: async (sql: string) => {
      running.add(sql)
      order.push(sql)
      together.push([...running])
      await Bun.sleep(1)
      running.delete(sql)
      if (sql === fail) throw new Error(`no ${sql}`)
    },
  } as unknown as postgres.ReservedSql
  return { connections: Array<typeof connection>(count).fill(connection), together, order }
}

const task = (sql: string, phase: string, more: Partial<Task> = {}): Task => ({
  sql,
  phase,
  after: [],
  cost: 1,
  ...more,
})
const nobody = () => {}

test('a phase waits for all of those it comes after', async () => {
  const { connections, order } = recorder(3)
  const tasks = [
    task('index', 'index', { after: ['load'] }),
    task('one', 'load'),
    task('two', 'load'),
    task('other', 'other'),
  ]
  await runTasks(tasks, connections, nobody)
  expect(order).toEqual(['one', 'two', 'other', 'index'])
})

test('what would wait for a lock does not begin', async () => {
  const { connections, together } = recorder(4)
  const uses = (use: 'write' | 'vacuum' | 'index' | 'alter' | 'read') => ({ uses: { people: use } })
  await runTasks(
    [
      task('write 1', 'a', uses('write')),
      task('index 1', 'b', uses('index')),
      task('write 2', 'c', uses('write')),
      task('index 2', 'd', uses('index')),
      task('alter', 'e', uses('alter')),
      task('vacuum', 'f', uses('vacuum')),
      task('read', 'g', uses('read')),
    ],
    connections,
    nobody,
  )
  const met = (a: string, b: string) =>
    together.some(
      (names) => names.some((n) => n.startsWith(a)) && names.some((n) => n.startsWith(b)),
    )
  expect(met('write 1', 'write 2')).toBe(true)
  expect(met('index 1', 'index 2')).toBe(true)
  expect(met('write', 'vacuum')).toBe(true)
  expect(met('write', 'index')).toBe(false)
  expect(met('index', 'vacuum')).toBe(false)
  for (const other of ['write', 'index', 'vacuum']) expect(met('alter', other)).toBe(false)
})

test('after a failure nothing begins, and its error is the one that comes out', async () => {
  const { connections, order } = recorder(1, 'two')
  const tasks = ['one', 'two', 'three'].map((name) => task(name, 'load'))
  await expect(runTasks(tasks, connections, nobody)).rejects.toThrow('no two')
  expect(order).toEqual(['one', 'two'])
})

test('tasks that wait for each other are an error, not a silence', async () => {
  const { connections } = recorder(1)
  const tasks = [task('a', 'a', { after: ['b'] }), task('b', 'b', { after: ['a'] })]
  await expect(runTasks(tasks, connections, nobody)).rejects.toThrow('no task could begin of: a')
})

import { expect, test } from 'bun:test'
import { type ExecutedPlan, judge, type Limits, measure, type PlanNode } from './judge'

const big = new Set(['projects'])
const limits: Limits = { buffers: 50, sortedRows: 13, readRows: 26, removedRows: 5 }

const plan = (node: PlanNode): ExecutedPlan => ({ 'Query Text': 'select', Plan: node })

function scan(rows: number, more: Partial<PlanNode> = {}): PlanNode {
  return {
    'Node Type': 'Index Scan',
    'Relation Name': 'projects',
    'Index Name': 'projects_newest',
    'Actual Rows': rows,
    'Actual Loops': 1,
    'Shared Hit Blocks': 10,
    'Shared Read Blocks': 5,
    ...more,
  }
}

const above = (type: string, child: PlanNode, more: Partial<PlanNode> = {}): PlanNode => ({
  'Node Type': type,
  'Actual Rows': Math.min(child['Actual Rows'] ?? 0, 13),
  'Actual Loops': 1,
  'Shared Hit Blocks': 20,
  Plans: [child],
  ...more,
})

const rulesBroken = (node: PlanNode) => judge(plan(node), limits, big).map(({ rule }) => rule)

test('a page from an index is right', () => {
  const page = above('Limit', scan(13))
  expect(rulesBroken(page)).toEqual([])
  expect(measure(plan(page), big)).toEqual({
    rows: 13,
    buffers: 20,
    sortedRows: 0,
    readRows: 13,
    removedRows: 0,
    indexes: ['projects_newest'],
  })
})

test('a scan of a big table is wrong however few its rows, of a small one it is not', () => {
  const { 'Index Name': _, ...whole } = scan(2, { 'Node Type': 'Seq Scan' })
  expect(judge(plan(above('Hash', whole)), limits, big)).toEqual([
    {
      rule: 'sequentialScan',
      node: 'Seq Scan on projects',
      sentence: 'scans projects from end to end',
    },
  ])
  expect(rulesBroken({ ...whole, 'Relation Name': 'categories', 'Actual Rows': 119 })).toEqual([])
})

test('a sort of more than a page names what it sorts by', () => {
  const sorted = above('Sort', scan(20), { 'Sort Key': ['projects.title'] })
  expect(judge(plan(above('Limit', sorted)), limits, big)).toEqual([
    {
      rule: 'sortedRows',
      node: 'Sort by projects.title',
      sentence: 'sorts 20 rows, where 13 is the limit',
    },
  ])
})

test('rows that an OFFSET skips were read', () => {
  expect(rulesBroken(above('Limit', scan(313)))).toEqual(['readRows'])
})

test('rows that a filter throws away were read too', () => {
  const filtered = scan(13, { 'Rows Removed by Filter': 40, Filter: "(city = 'Oslo'::text)" })
  const complaints = judge(plan(filtered), limits, big)
  expect(complaints.map(({ rule }) => rule)).toEqual(['readRows', 'removedRows'])
  expect(complaints[1]?.node).toContain("with the filter (city = 'Oslo'::text)")
})

test('figures of a loop are multiplied by its rounds, and what never ran counts nothing', () => {
  const loop = scan(1.5, { 'Actual Loops': 30, 'Rows Removed by Index Recheck': 0.5 })
  const never = scan(0, { 'Actual Loops': 0, 'Index Name': 'projects_popular' })
  const nested = above('Nested Loop', loop, { Plans: [loop, never] })
  expect(measure(plan(nested), big)).toMatchObject({
    readRows: 60,
    removedRows: 15,
    indexes: ['projects_newest'],
  })
})

test('what a bitmap gathers from an index counts, though it names no table', () => {
  const bitmap = scan(100, { 'Node Type': 'Bitmap Index Scan' })
  delete bitmap['Relation Name']
  const heap = scan(3, { 'Node Type': 'Bitmap Heap Scan', Plans: [bitmap] })
  expect(measure(plan(heap), big).readRows).toBe(103)
  expect(judge(plan(heap), limits, big)[0]?.node).toContain('Bitmap Index Scan')
})

test('buffers are those of the whole, and the node named is the one that read most itself', () => {
  const greedy = scan(13, { 'Shared Hit Blocks': 70, 'Index Name': 'projects_popular' })
  const joined = above('Nested Loop', greedy, {
    'Shared Hit Blocks': 90,
    Plans: [greedy, scan(13)],
  })
  expect(judge(plan(joined), limits, big)).toEqual([
    {
      rule: 'buffers',
      node: 'Index Scan using projects_popular on projects',
      sentence: 'reads 90 buffers, where 50 is the limit',
    },
  ])
})

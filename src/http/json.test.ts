import { expect, test } from 'bun:test'
import { toJson } from './json'

const long = 'Ninety “words”,\nand\t\\ a bell \u0007 '.repeat(50)

test.each([
  ['nothing', {}],
  ['short texts alone', { a: 'é “quoted”', b: null, c: [1, { d: 'x' }] }],
  ['one long text alone', { story: long }],
  ['long texts among others', { id: 1, story: long, tags: ['a'], risks: long, none: null }],
  ['what JSON leaves out', { gone: undefined, story: long }],
  ['a long text further in', { data: [{ story: long }], next: null }],
])('%s reads as it was', (_, data) => {
  expect(JSON.parse(toJson(data))).toEqual(JSON.parse(JSON.stringify(data)))
})

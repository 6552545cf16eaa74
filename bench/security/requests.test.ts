import { expect, test } from 'bun:test'
import { endpoints } from '#app'
import { openApi } from '#http/openapi'
import { wrongIn } from './fuzz'
import { bytesOf, curlOf, drawRequest, operationsOf } from './requests'
import { takeAnswer } from './wire'

const operations = operationsOf(JSON.parse(JSON.stringify(openApi(endpoints))))
const actors = { all: [{ token: 'jst_a', known: { id: [7, 8], card: [3] } }], narrowToken: 'jst_b' }
const draw = (seed: number, count: number) =>
  Array.from({ length: count }, (_, number) => drawRequest(seed, number, operations, actors))

test('the same seed gives the same requests, another gives others', () => {
  const curls = (seed: number) => draw(seed, 300).map((each) => curlOf(each, 'http://x'))
  expect(curls(1)).toEqual(curls(1))
  expect(curls(1)).not.toEqual(curls(2))
})

test('every operation has its turn, and each request is whole on the wire', () => {
  const requests = draw(3, operations.length * 4)
  expect(new Set(requests.map(({ operation }) => operation)).size).toBe(operations.length)
  for (const request of requests) {
    const bytes = bytesOf(request, 'localhost')
    const [head = '', ...rest] = bytes.toString('latin1').split('\r\n\r\n')
    expect(head).toMatch(/^[A-Z]+ \/[\x21-\x7e]* HTTP\/1\.1\r\n/)
    if (request.body) expect(rest.join('\r\n\r\n')).toBe(request.body.toString('latin1'))
    for (const line of head.split('\r\n').slice(1)) expect(line).toMatch(/^[\w-]+: [^\r\n\0]*$/)
  }
})

test('the hostile ones have what is hard to read in them', () => {
  const text = draw(4, 6_000)
    .map((each) => bytesOf(each, 'localhost').toString('latin1'))
    .join('\n')
  for (const part of [
    ...[
      '"__proto__":',
      '1e400',
      '\\u0000',
      '%ff',
      '%00',
      '[]=1',
      '__proto__=1',
      '[[[[[[',
      '\xff\xfe',
    ],
    ...['drop table', 'text/plain', 'Content-Encoding: gzip', 'Bearer jst_b', '169.254.169.254'],
  ]) {
    expect([part, text.includes(part)]).toEqual([part, true])
  }
})

const answer = (head: string, body: string) =>
  takeAnswer(
    Buffer.from(`HTTP/1.1 ${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
    false,
    false,
  )?.answer
const asked = { method: 'GET', target: '/api/v1/projects' }
const problem = (status: number) =>
  JSON.stringify({ status, type: 'urn:jumpstarter:not_found', title: 'No', detail: 'No.' })
const json = '\r\nContent-Type: application/problem+json'

test.each([
  ['200 OK', '{}', undefined],
  [`404 Not Found${json}`, problem(404), undefined],
  [`503 Busy${json}`, problem(503), undefined],
  ['500 Broken', '', '500'],
  [`404 Not Found${json}`, problem(403), 'no problem+json'],
  ['404 Not Found\r\nContent-Type: text/html', problem(404), 'no problem+json'],
  [`404 Not Found${json}`, 'PostgresError: x', 'it tells “PostgresError”'],
  ['200 OK', 'x\n    at make (/app/x.ts:1:2)', 'it tells'],
  ['200 OK\r\nX-Injected: 1', '{}', 'a header'],
] as const)('an answer of %j %s is seen for what it is', (head, body, wrong) => {
  const found = wrongIn(asked, answer(head, body))
  if (wrong === undefined) expect(found).toBeUndefined()
  else expect(found).toContain(wrong)
})

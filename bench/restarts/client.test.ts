import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { type FailureKind, failed, readAnswer, startClients } from './client'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

/** A server of bytes that treats requests as they ask for, and counts what it has been asked. */
function startServer() {
  const asked = { ok: 0, chunked: 0, silent: 0, cut: 0, broken: 0, hang: 0 }
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data: (socket, bytes) => {
        const question = bytes.toString()
        const path = /^GET \/(\w+) /.exec(question)?.[1] as keyof typeof asked
        asked[path]++
        const closes = question.includes('Connection: close')
        const answers = {
          ok: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine',
          chunked: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n',
          cut: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf',
          broken: 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n',
        }
        if (path in answers) socket.write(answers[path as keyof typeof answers])
        if (path !== 'hang' && (closes || ['silent', 'cut'].includes(path))) socket.end()
      },
    },
  })
  return { asked, port: server.port, stop: () => server.stop(true) }
}

let server: ReturnType<typeof startServer> | undefined

afterEach(() => {
  server?.stop()
  server = undefined
})

async function count(paths: string[], port: number, requests: number, lateMs = 10_000) {
  let drawn = 0
  const clients = startClients({
    targets: [{ kind: 'tcp', host: '127.0.0.1', port }],
    clients: 8,
    drawPath: () => `/${paths[drawn++ % paths.length]}`,
    signal: new AbortController().signal,
    lateMs,
  })
  while (clients.requests() < requests) await Bun.sleep(5)
  await clients.stop()
  return clients.take()
}

const both = (outcomes: Awaited<ReturnType<typeof count>>, kind: FailureKind) =>
  outcomes.failedKept[kind] + outcomes.failedAnew[kind]

test('every request a server was asked has one outcome, the one it was given', async () => {
  server = startServer()
  const { asked, port } = server
  const outcomes = await count(['ok', 'chunked', 'silent', 'ok', 'cut', 'broken'], port, 3_000)
  expect(outcomes.answered).toBe(asked.ok + asked.chunked)
  expect(outcomes.latenciesMs).toHaveLength(outcomes.answered)
  expect(both(outcomes, 'unanswered')).toBe(asked.silent)
  expect(both(outcomes, 'cut')).toBe(asked.cut)
  expect(both(outcomes, 'status')).toBe(asked.broken)
  expect(failed(outcomes)).toBe(asked.silent + asked.cut + asked.broken)
  for (const kind of ['unanswered', 'cut', 'status'] as const) {
    expect(outcomes.failedKept[kind]).toBeGreaterThan(0)
    expect(outcomes.failedAnew[kind]).toBeGreaterThan(0)
  }
})

test('who finds nobody there is refused, and the gap lasts until the end', async () => {
  server = startServer()
  const { port } = server
  server.stop()
  const startedAt = performance.now()
  const outcomes = await count(['ok'], port, 100)
  expect(outcomes.answered).toBe(0)
  expect(failed(outcomes)).toBe(outcomes.failedAnew.refused)
  expect(outcomes.failedAnew.refused).toBeGreaterThanOrEqual(100)
  expect(outcomes.longestGapMs).toBeGreaterThan((performance.now() - startedAt) / 2)
})

test('who is not answered in time is late', async () => {
  server = startServer()
  const outcomes = await count(['hang'], server.port, 16, 200)
  expect(failed(outcomes)).toBe(server.asked.hang)
  expect(both(outcomes, 'late')).toBe(server.asked.hang)
})

test('an answer is whole at its last byte', () => {
  const answer = Buffer.from(
    'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 4\r\n\r\nfine',
  )
  for (let length = 0; length < answer.length; length++) {
    expect(readAnswer(answer.subarray(0, length))).toBeUndefined()
  }
  expect(readAnswer(answer)).toEqual({ status: 200, closes: true })
})

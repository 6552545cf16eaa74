import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { connect } from 'node:net'
import { startBodyDeadline } from './body-deadline'

setDefaultTimeout(60_000)

// Bun counts in steps of four seconds.
const deadlines = { textSeconds: 1, fileSeconds: 60, idleSeconds: 60 }
let server: Bun.Server<unknown>

beforeAll(() => {
  server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1', idleTimeout: deadlines.idleSeconds },
    fetch: async (request, server) => {
      const end = startBodyDeadline(request, server, deadlines)
      const text = await request.text()
      end?.()
      return new Response(`got ${text.length}`)
    },
  })
})
afterAll(() => server.stop(true))

/** A client that sends a byte ten times a second: what became of its connection after a while. */
function trickle(type: string, ms: number) {
  const { promise, resolve } = Promise.withResolvers<'cut' | 'open'>()
  const socket = connect(server.port ?? 0, '127.0.0.1', () => {
    socket.write(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: 9000\r\n\r\n`,
    )
  })
  const bytes = setInterval(() => socket.write('a'), 100)
  const patience = setTimeout(() => resolve('open'), ms)
  socket.on('error', () => {})
  socket.on('close', () => resolve('cut'))
  return promise.finally(() => {
    clearInterval(bytes)
    clearTimeout(patience)
    socket.destroy()
  })
}

test('a form that trickles in is cut off, a picture has more time', async () => {
  const [form, picture] = await Promise.all([
    trickle('application/x-www-form-urlencoded', 30_000),
    trickle('image/png', 9_000),
  ])
  expect([form, picture]).toEqual(['cut', 'open'])
})

test('afterwards the connection is kept as long as any other', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  let answers = ''
  const ask = () => socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab')
  const socket = connect(server.port ?? 0, '127.0.0.1', ask)
  socket.on('data', (data) => {
    answers += data
    if (answers.split('got 2').length === 3) resolve('answered twice')
  })
  socket.on('close', () => resolve('cut'))
  // Longer than the deadline of a form, in those steps.
  await Bun.sleep(9_000)
  ask()
  expect(await promise).toBe('answered twice')
  socket.destroy()
})

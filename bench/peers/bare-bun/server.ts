// `bun server.ts PORT BODY HEADERS`: one body from a file, with the headers in another (JSON).

const [port = '', bodyFile = '', headersFile = ''] = process.argv.slice(2)
const idleSeconds = 120

const body = await Bun.file(bodyFile).bytes()
const init = { headers: new Headers(await Bun.file(headersFile).json()) }

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  reusePort: true,
  idleTimeout: idleSeconds,
  fetch: () => new Response(body, init),
})
process.stdout.write('ready\n')

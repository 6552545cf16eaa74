import { expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { endpoints } from '#app'
import { openApi } from '#http/openapi'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

test('jumpstarter openapi prints the document, without a database', async () => {
  const main = join(import.meta.dir, '../main.ts')
  const program = Bun.spawn([process.execPath, main, 'openapi'], {
    env: { PATH: process.env['PATH'], DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const printed = await new Response(program.stdout).json()
  expect(await program.exited).toBe(0)
  expect(printed).toEqual(JSON.parse(JSON.stringify(openApi(endpoints))))
})

import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '#observability/log'
import { startEmbeddedPostgres } from '#server/embedded-postgres'
import { readPostmaster, shutDown } from '#server/postgres-postmaster'
import { isAlive } from './start-tiny-server'

// Keeps one Postgres for a test run: prints its own process number and the URL, and removes it all
// when it is told to or the process that runs the tests is gone. A process of its own, because that
// happens however the run ends: done, interrupted or killed.

const pollMs = 100

const runner = Number(process.argv[2])
let told = false
process.once('SIGTERM', () => {
  told = true
})

const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-test-'))
// Started by root, Postgres runs as somebody else, who has to get through here.
await chmod(directory, 0o711)
try {
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(directory, 'data'),
    dataDirectoryGiven: true,
    cacheDirectory: join(directory, 'cache'),
    embedded: undefined,
    log: createLog('warn'),
  })
  console.log(`${process.pid} ${postgres.databaseUrl}`)
  while (!told && isAlive(runner)) await Bun.sleep(pollMs)
  await postgres.stop()
  const cluster = await realpath(join(postgres.dataDirectory, 'postgres'))
  const left = await readPostmaster(cluster)
  // It stays for others who are connected: whoever that is, the tests are over.
  if (left) await shutDown(left.pid, cluster)
} finally {
  await rm(directory, { recursive: true, force: true })
}
process.exit()

import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '#observability/log'
import { startEmbeddedPostgres } from '#server/embedded-postgres'
import { readPostmaster, shutDown } from '#server/postgres-postmaster'

// Keeps one Postgres for a test run: prints its URL, and removes it when standard input ends. A
// process of its own, because that happens however the run ends: done, interrupted or killed.

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
  console.log(postgres.databaseUrl)
  for await (const _ of Bun.stdin.stream());
  await postgres.stop()
  const cluster = await realpath(join(postgres.dataDirectory, 'postgres'))
  const left = await readPostmaster(cluster)
  // It stays for others who are connected: whoever that is, the tests are over.
  if (left) await shutDown(left.pid, cluster)
} finally {
  await rm(directory, { recursive: true, force: true })
}
process.exit()

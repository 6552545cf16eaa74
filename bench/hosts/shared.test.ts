import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { startBucket, type TestBucket } from '#testing/bucket'
import { type TestDatabase, testDatabase } from '#testing/database'
import { type OurServer, startOurs } from '../load/servers'
import type { Trial } from './promised'
import { proveLimits, proveUploads } from './shared'

setDefaultTimeout(120_000)

let database: TestDatabase
let bucket: TestBucket
let servers: OurServer[] = []
let trial: Trial

beforeAll(async () => {
  database = await testDatabase()
  bucket = startBucket()
  const environment = {
    JUMPSTARTER_IMAGES: 's3://pictures',
    AWS_ACCESS_KEY_ID: bucket.accessKeyId,
    AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
    AWS_ENDPOINT_URL: bucket.url,
  }
  const { signal } = new AbortController()
  const settings = { databaseUrl: database.url, workers: 1, pageCache: true, environment }
  servers = await Promise.all([startOurs(settings, signal), startOurs(settings, signal)])
  const hosts = servers.map((server, index) => ({ ...server, machine: { name: `app${index}` } }))
  trial = { rig: { db: database.db }, hosts, effort: 1, signal } as unknown as Trial
})

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  bucket?.stop()
  await database?.close()
})

test('pictures in a storage like S3 are the same at every host', async () => {
  expect(await proveUploads(trial, 'S3')).toMatchObject({ tried: 3, violations: [] })
  expect(bucket.objects.size).toBeGreaterThan(2)
})

test('a limit is counted for all hosts together', async () => {
  expect(await proveLimits(trial)).toMatchObject({ tried: 30, violations: [] })
})

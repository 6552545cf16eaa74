import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { BucketConfig } from '#config'
import type { StoredImage } from '#features/images/rules'
import { type TestApp, testApp } from '#testing/app'
import { startBucket, type TestBucket } from '#testing/bucket'
import { draw } from '#testing/pictures'
import { joined } from '#testing/visitor'
import { openImages } from './images'

setDefaultTimeout(60_000)

let bucket: TestBucket
let place: BucketConfig
let site: TestApp

beforeAll(async () => {
  bucket = startBucket()
  const { url: endpoint, accessKeyId, secretAccessKey } = bucket
  const keys = { accessKeyId, secretAccessKey }
  place = { bucket: 'pictures', prefix: 'site/', region: 'eu-west-1', endpoint, ...keys }
  site = await testApp()
})

afterAll(async () => {
  await site.close()
  await bucket.stop()
})

const asked = { 'sec-fetch-site': 'same-origin', accept: 'application/json' }

async function upload(width: number, name: string) {
  const form = new FormData()
  form.append('image', new File([await draw('png', [width, 50])], 'a.png'))
  const by = await joined(site, name)
  const answer = await by.post('/images', form, asked)
  const text = await answer.text()
  const stored = (answer.ok ? JSON.parse(text) : {}) as StoredImage
  return { status: answer.status, text, ...stored }
}

test('pictures in a bucket are served as those in Postgres are', async () => {
  const before = await upload(200, 'Before Bucket')
  site.deps.images = openImages(place, false)
  const { hash, status } = await upload(400, 'Bucket User')
  expect(status).toBe(200)
  const paths = [160, 320, 400].map((width) => `/pictures/site/${hash}/${width}.webp`)
  expect([...bucket.objects.keys()].toSorted()).toEqual(paths)
  expect(new Set([...bucket.objects.values()].map(({ type }) => type))).toEqual(
    new Set(['image/webp']),
  )
  const rows = await site.db.$client`select from image_files where hash = ${hash}`
  expect(rows.length).toBe(0)
  for (const [width, given] of [
    [160, 160],
    [320, 320],
    [640, 400],
    [1600, 400],
  ] as const) {
    const answer = await site.get(`/images/${hash}/${width}.webp`)
    expect(answer.status).toBe(200)
    expect(await new Bun.Image(await answer.bytes()).metadata()).toMatchObject({ width: given })
  }
  expect((await site.get(`/images/${'0'.repeat(32)}/640.webp`)).status).toBe(404)
  // From the time before there was a bucket.
  expect((await site.get(`/images/${before.hash}/640.webp`)).status).toBe(200)
})

test('a bucket that takes nothing keeps nothing, and says no secret', async () => {
  site.deps.images = openImages({ ...place, secretAccessKey: 'another' }, false)
  const rows = await site.db.$client`select hash from images`
  const answer = await upload(90, 'Wrong Key')
  expect(answer.status).toBe(500)
  expect(answer.text).not.toContain('S3')
  expect(await site.db.$client`select hash from images`).toEqual(rows)
  const errors = site.takeErrors()
  expect(errors.length).toBe(1)
  expect(errors[0]).toContain('S3Error')
  expect(errors[0]).not.toContain('another')
})

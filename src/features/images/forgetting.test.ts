import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { openImages } from '#images/images'
import { type TestApp, testApp } from '#testing/app'
import { startBucket, type TestBucket } from '#testing/bucket'
import { draw } from '#testing/pictures'
import { joined, type Visitor } from '#testing/visitor'
import { keepImage } from './writes'

setDefaultTimeout(60_000)

let site: TestApp
let bucket: TestBucket
let ada: Visitor
let sql: TestApp['db']['$client']
let uploader: number

beforeAll(async () => {
  site = await testApp()
  sql = site.db.$client
  bucket = startBucket()
  ada = await joined(site, 'Ada Lovelace')
  const [row] = await sql`select id from people where name = 'Ada Lovelace'`
  uploader = Number(row?.['id'])
})

afterAll(async () => {
  await site.close()
  await bucket.stop()
}, 30_000)

let width = 170
const upload = async (by = site.deps.images) => {
  width += 1
  const bytes = await draw('png', [width, 20])
  const { hash } = await keepImage(site.db, by, uploader, bytes)
  return { hash, bytes, markdown: `So:\n\n![a](/images/${hash}/1024.webp "9x9")` }
}
const age = (hours: number) => sql`
  update images set unused_since = now() - make_interval(hours => ${hours})
    where unused_since is not null`
const forget = async (by = site.deps.images) => {
  while ((await by.storage.forget(site.db)) > 0);
}
const isKept = async ({ hash }: { hash: string }) => {
  const [row] =
    await sql`select (select count(*)::int from image_files where hash = ${hash}) as files,
    exists (select from images where hash = ${hash}) as kept`
  expect((row?.['files'] as number) > 0).toBe(row?.['kept'])
  return row?.['kept'] as boolean
}

beforeEach(async () => {
  await forget()
})

/** Every place that shows a picture: how it comes there, and how it goes. */
const places: Record<
  string,
  [put: (picture: { hash: string; markdown: string }) => Promise<unknown>, clear: () => unknown]
> = {
  project: [
    ({ hash }) => sql`update projects set image = ${hash} where id = 1`,
    () => sql`update projects set image = null where id = 1`,
  ],
  avatar: [
    ({ hash }) => sql`update people set image = ${hash} where id = ${uploader}`,
    () => sql`update people set image = null where id = ${uploader}`,
  ],
  reward: [
    ({ hash }) => sql`update rewards set image = ${hash} where project_id = 1`,
    () => sql`update rewards set image = null where project_id = 1`,
  ],
  story: [
    ({ markdown }) => sql`update stories set story = ${markdown} where project_id = 1`,
    () => sql`update stories set story = 'None.' where project_id = 1`,
  ],
  risks: [
    ({ markdown }) => sql`update stories set risks = ${markdown} where project_id = 1`,
    () => sql`update stories set risks = 'None.' where project_id = 1`,
  ],
  'story of a draft': [
    ({ markdown }) => sql`insert into stories (project_id, story, risks, budget)
      select id, ${markdown}, '', '[]' from projects where id = 2
      on conflict (project_id) do update set story = excluded.story`,
    () => sql`delete from stories where project_id = 2`,
  ],
  answer: [
    ({ markdown }) => sql`insert into faqs values (1, 90, 'Why?', ${markdown})`,
    () => sql`delete from faqs where project_id = 1 and position = 90`,
  ],
  update: [
    ({ markdown }) => sql`insert into updates (project_id, number, title, body, published_at)
      values (1, 900, 'New', ${markdown}, now())`,
    () => sql`delete from updates where project_id = 1 and number = 900`,
  ],
  'draft of an update': [
    ({ markdown }) => sql`insert into update_drafts (project_id, title, body, author_id)
      values (1, 'New', ${markdown}, ${uploader})`,
    () => sql`delete from update_drafts where project_id = 1`,
  ],
}

test('a picture nothing uses is there for a day, and forgotten then', async () => {
  const picture = await upload()
  await age(23)
  await forget()
  expect(await isKept(picture)).toBe(true)
  await age(25)
  await forget()
  expect(await isKept(picture)).toBe(false)
  expect((await site.get(`/images/${picture.hash}/640.webp`)).status).toBe(404)
})

test.each(Object.entries(places))('one in use stays: %s', async (_, [put, clear]) => {
  const picture = await upload()
  await age(48)
  await put(picture)
  await age(48)
  await forget()
  expect(await isKept(picture)).toBe(true)
  await clear()
  // From when it was let go of it has another day.
  await forget()
  expect(await isKept(picture)).toBe(true)
  await age(25)
  await forget()
  expect(await isKept(picture)).toBe(false)
})

test('what several show stays until the last of them has let go', async () => {
  const picture = await upload()
  const all = Object.values(places)
  for (const [put] of all) await put(picture)
  for (const [index, [, clear]] of all.entries()) {
    await clear()
    await age(25)
    // Looked at, and found in use.
    await sql`update images set unused_since = now() - interval '2 days' where hash = ${picture.hash}`
    await forget()
    expect([index, await isKept(picture)]).toEqual([index, index < all.length - 1])
  }
})

test('an update that is published keeps what its draft showed', async () => {
  const picture = await upload()
  await sql.begin(async (tx) => {
    await tx`insert into update_drafts (project_id, title, body, author_id)
      values (1, 'New', ${picture.markdown}, ${uploader})`
    await tx`insert into updates (project_id, number, title, body, published_at)
      select 1, 901, title, body, now() from update_drafts where project_id = 1`
    await tx`delete from update_drafts where project_id = 1`
  })
  await age(25)
  await forget()
  expect(await isKept(picture)).toBe(true)
})

test('whoever brings it again has another day, and gets it anew when it is gone', async () => {
  const picture = await upload()
  await age(25)
  await keepImage(site.db, site.deps.images, uploader, picture.bytes)
  await forget()
  expect(await isKept(picture)).toBe(true)
  await age(25)
  await forget()
  expect(await isKept(picture)).toBe(false)
  await keepImage(site.db, site.deps.images, uploader, picture.bytes)
  expect(await isKept(picture)).toBe(true)
})

test('one that is put to use while it is being forgotten is either there or not shown', async () => {
  const picture = await upload()
  await age(25)
  await Promise.all([forget(), forget(), places['story']?.[0](picture)])
  const uses = await sql`select hash from image_uses where source = 'stories' and place = '1'`
  expect(uses.map(({ hash }) => hash as string)).toEqual(
    (await isKept(picture)) ? [picture.hash] : [],
  )
})

test('one step is small', async () => {
  for (let count = 0; count < 25; count++) {
    await sql`insert into images (hash, width, height, uploader_id, unused_since)
      values (md5(${String(count)}), 1, 1, ${uploader}, now() - interval '2 days')`
  }
  const steps: number[] = []
  for (let step = 0; step < 3; step++) steps.push(await site.deps.images.storage.forget(site.db))
  expect(steps).toEqual([20, 5, 0])
})

test('files in a bucket go too, and what could not be deleted there is tried again', async () => {
  const { url: endpoint, accessKeyId, secretAccessKey } = bucket
  const place = { bucket: 'pictures', prefix: '', region: 'eu-west-1', endpoint, accessKeyId }
  const images = openImages({ ...place, secretAccessKey }, false)
  const gone = await upload(images)
  const used = await upload(images)
  const before = await upload()
  await sql`update projects set image = ${used.hash} where id = 1`
  await age(25)
  const broken = openImages({ ...place, secretAccessKey: 'another' }, false)
  await expect(forget(broken)).rejects.toThrow()
  expect(await sql`select from images where hash = ${gone.hash}`).toHaveLength(1)
  await forget(images)
  const hashes = new Set([...bucket.objects.keys()].map((path) => path.split('/').at(-2)))
  expect([...hashes]).toEqual([used.hash])
  expect(await sql`select from images where hash in ${sql([gone.hash, before.hash])}`).toEqual(
    [] as never,
  )
  expect((await ada.get(`/images/${before.hash}/160.webp`)).status).toBe(404)
})

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { queueMail } from '#db/outbox'
import type { Deps } from '#deps'
import { openMailer } from '#mail/mailer'
import { type TestApp, testApp } from '#testing/app'
import { startSmtp, type TestSmtp } from '#testing/smtp'
import { eventually } from '#testing/start-tiny-server'
import { startJobs } from './jobs'

setDefaultTimeout(60_000)

let site: TestApp
let smtp: TestSmtp
let deps: Deps
beforeAll(async () => {
  site = await testApp()
  smtp = startSmtp()
  deps = { ...site.deps, mailer: openMailer(smtp.url, 'Us <us@site.test>', 'site.test') }
})
afterAll(async () => {
  deps.mailer?.close()
  smtp.close()
  await site.close()
}, 30_000)

const mail = (recipient: string) => ({
  ...{ recipient, subject: 'Grüße «✉»', text: 'Hello\n.\nthere', html: '<p>Hello</p>' },
})
const rows = (recipient: string) => site.db.$client`
  select sent_at is not null as sent, attempts, last_error as error, text from outbox
  where recipient = ${recipient}`

test('a mail goes out once, whoever sends, and its text is forgotten', async () => {
  for (let times = 0; times < 3; times++) await queueMail(site.db, 'once', mail('ana@x.test'))
  const senders = [startJobs(deps), startJobs(deps)]
  await eventually(async () => expect((await rows('ana@x.test'))[0]?.['sent']).toBe(true))
  await Promise.all(senders.map((sender) => sender.end()))
  expect(smtp.mails).toHaveLength(1)
  expect(smtp.mails[0]).toMatch(/^To: ana@x\.test\r$/m)
  expect(smtp.mails[0]).toMatch(/^Message-ID: <outbox\.\d+@site\.test>\r$/m)
  expect(await rows('ana@x.test')).toEqual([
    { sent: true, attempts: 1, error: null, text: '' },
  ] as never)
})

test('a mail that is refused is tried again later', async () => {
  smtp.refuse(true)
  await queueMail(site.db, 'refused', mail('bo@x.test'))
  const sender = startJobs(deps)
  await eventually(async () => expect((await rows('bo@x.test'))[0]?.['error']).not.toBeNull())
  const [row] = await rows('bo@x.test')
  expect(row).toMatchObject({ sent: false, attempts: 1 })
  expect(row?.['error']).toContain('550')
  smtp.refuse(false)
  await site.db.$client`update outbox set due_at = now() where recipient = 'bo@x.test'`
  await eventually(async () => expect((await rows('bo@x.test'))[0]?.['sent']).toBe(true))
  await sender.end()
  expect(smtp.mails).toHaveLength(2)
})

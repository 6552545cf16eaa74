import { afterAll, expect, test } from 'bun:test'
import { writeLetter } from '#lib/letter'
import { startSmtp } from '#testing/smtp'
import { openMailer } from './mailer'

const smtp = startSmtp()
const mailer = openMailer(smtp.url, 'Us <us@site.test>', 'site.test')
afterAll(() => {
  mailer.close()
  smtp.close()
})

test.each(['\r\n', '\n', '\r', '\u2028', '\u0085', '%0d%0a'])(
  'words with %j in them add no line to a mail’s head, and no reader',
  async (end) => {
    const words = `Ana${end}Bcc: other@evil.test${end}${end}<script>`
    const letter = writeLetter({
      ...{ subject: words, greeting: `Hello ${words},`, paragraphs: [words], reason: words },
      action: { label: words, url: 'https://site.test/' },
    })
    const before = smtp.mails.length
    await mailer.send({
      ...{ id: before + 1, recipient: 'ana@x.test', attempts: 1, unsubscribe: null, ...letter },
    })
    const mail = smtp.mails[before] ?? ''
    const head = mail.slice(0, mail.indexOf('\r\n\r\n'))
    const names = [...head.matchAll(/^([\w-]+):/gm)].map(([, name = '']) => name.toLowerCase())
    expect(names.filter((name) => ['bcc', 'cc'].includes(name))).toEqual([])
    expect(names.filter((name) => ['to', 'subject', 'from'].includes(name))).toHaveLength(3)
    expect(head).toMatch(/^To: ana@x\.test$/m)
  },
)

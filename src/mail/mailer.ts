import { createTransport } from 'nodemailer'
import type { ClaimedMail } from '#db/outbox'

/** Hands mail to a server. */
export interface Mailer {
  /** Rejects when the server does not take it. */
  send(mail: ClaimedMail): Promise<void>
  close(): void
}

const deadlineMs = 20_000
const connectionsMax = 2

/**
 * Speaks SMTP to the server of the URL, `smtp[s]://[user:password@]host[:port]`. `from` is what
 * readers see, `siteHost` stands in the mails' numbers.
 */
export function openMailer(smtpUrl: string, from: string, siteHost: string): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: connectionsMax,
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
  })
  return {
    send: async ({ id, recipient, subject, text, html, unsubscribe }) => {
      // The same number at each try, by which mailboxes know a copy.
      const messageId = `<outbox.${id}@${siteHost}>`
      const headers = unsubscribe ? oneClick(unsubscribe) : {}
      await transport.sendMail({ from, to: recipient, subject, text, html, messageId, headers })
    },
    close: () => transport.close(),
  }
}

/** RFC 8058: the mailbox itself posts to the address when its owner wants no more. */
const oneClick = (address: string) => ({
  'List-Unsubscribe': `<${address}>`,
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
})

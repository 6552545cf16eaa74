import type { OutboxRow } from '#db/outbox'
import { timeAgo } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Document } from '#web/document'
import { useSite } from '#web/site'

/** The mails a demo would have sent. */
export function OutboxPage({ mails }: { mails: OutboxRow[] }) {
  return (
    <Document title="Outbox" hidden>
      <div className="settings">
        <h1>Outbox</h1>
        <p>This site has no mail server (SMTP_URL), so what it would send is shown here.</p>
        {mails.length === 0 && <EmptyState title="Nothing written yet." />}
        {mails.map((mail) => (
          <Mail key={mail.id} mail={mail} />
        ))}
      </div>
    </Document>
  )
}

function Mail({ mail }: { mail: OutboxRow }) {
  const { now } = useSite()
  return (
    <article className="outbox-mail">
      <h2>{mail.subject}</h2>
      <p className="outbox-to">
        To {mail.recipient}, {timeAgo(mail.createdAt, now)}
      </p>
      <p className="outbox-text">{withLinks(mail.text)}</p>
    </article>
  )
}

/** Addresses on lines of their own become links. */
const withLinks = (text: string) =>
  text.split('\n').map((line, index) =>
    /^https?:\/\/\S+$/.test(line) ? (
      // The text of a mail never changes.
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <a key={index} href={line}>
        {line}
        {'\n'}
      </a>
    ) : (
      `${line}\n`
    ),
  )

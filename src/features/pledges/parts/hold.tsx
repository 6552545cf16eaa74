import type { Hold } from '../reads/checkout'

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

/** Until when a limited reward is set aside; a script counts it down. */
export function HoldNotice({ hold }: { hold: Hold }) {
  return (
    <p className="form-notice pledge-hold" data-countdown={Math.floor(hold.secondsLeft)}>
      This reward is set aside for you until{' '}
      <time dateTime={hold.until.toISOString()}>{timeFormat.format(hold.until)} UTC</time>
      <span data-countdown-left="" />.
    </p>
  )
}

import { plural } from '#lib/text'
import type { Hold } from '../reads/checkout'

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

const minuteSeconds = 60

/** Until when a limited reward is set aside; a script counts it down. */
export function HoldNotice({ hold }: { hold: Hold }) {
  const { until, secondsLeft } = hold
  return (
    <p className="form-notice pledge-hold" data-countdown={Math.floor(secondsLeft)}>
      This reward is set aside for you for another{' '}
      <strong data-countdown-left="">
        {plural(Math.ceil(secondsLeft / minuteSeconds), 'minute')}
      </strong>
      , until <time dateTime={until.toISOString()}>{timeFormat.format(until)} UTC</time>.
    </p>
  )
}

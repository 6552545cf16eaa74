import { ProjectPicture } from '#features/projects/parts/card'
import { formatMoney } from '#lib/money'
import { plural } from '#lib/text'
import { formatDate } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Pager } from '#web/components/pager'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import type { ListedPledge, Sum } from '../reads/own'
import { statusSentences } from '../rules/sentences'

/** All that somebody backs, whether or not they show their name. */
export function PledgesPage(props: {
  pledges: readonly ListedPledge[]
  sums: readonly Sum[]
  next: number | null
  isFirstPage: boolean
}) {
  const { pledges, sums, next, isFirstPage } = props
  return (
    <Document title="Your pledges" hidden>
      <div className="pledge-page">
        <h1>Your pledges</h1>
        {sums.length > 0 && (
          <ul className="pledge-totals">
            {sums.map(({ currency, amount, pledges }) => (
              <li key={currency}>
                <strong>{formatMoney(amount, currency)}</strong> in {plural(pledges, 'pledge')}
              </li>
            ))}
          </ul>
        )}
        {pledges.length === 0 && (
          <EmptyState title={isFirstPage ? 'You back nothing yet.' : 'That is all.'}>
            <p>
              What you back is listed here. <a href={paths.discover()}>Discover projects</a>
            </p>
          </EmptyState>
        )}
        <ul className="pledge-list">
          {pledges.map((pledge) => (
            <li key={pledge.id}>
              <ProjectPicture project={pledge} />
              <div>
                <p className="pledge-list-title">
                  <a href={paths.pledge(pledge)}>{pledge.title}</a>
                </p>
                <p>
                  {formatMoney(pledge.amount, pledge.currency)}
                  {pledge.rewardName !== null && ` · ${pledge.rewardName}`}
                  {pledge.anonymous && ' · without your name'}
                </p>
                <p>
                  <span className={`badge pledge-badge-${pledge.status}`}>
                    {statusSentences[pledge.status].label}
                  </span>{' '}
                  {pledge.projectStatus === 'live' && pledge.endsAt && (
                    <small>Ends {formatDate(pledge.endsAt)}</small>
                  )}
                </p>
              </div>
            </li>
          ))}
        </ul>
        <Pager
          label="Pages of your pledges"
          next={next === null ? null : paths.pledges({ after: next })}
          first={isFirstPage ? null : paths.pledges()}
        />
      </div>
    </Document>
  )
}

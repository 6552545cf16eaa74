import { disagreeing, type Pass, within } from './pass'

const ofPledge = "'pledge ' || l.id || ' of project ' || l.project_id"
const inBooks = (kinds: string, back = "''") =>
  `sum(case when kind in (${kinds}) then amount when kind in (${back}) then -amount else 0 end)`
const onlyIf = (status: string) => `case when l.status = '${status}' then l.amount else 0 end`
const movedOf = (table: string, statuses: string) => `
  select project_id, pledge_id, '${table}' as what, amount from ${table}
    where status in (${statuses}) and ${within('project_id')}`
const sumOf = (table: string) => `coalesce(sum(amount) filter (where what = '${table}'), 0)`

/** What came of each pledge and project after its end, against the books. */
export const settlement: Pass = {
  what: 'settled projects',
  checks: [
    'state of pledges after the end',
    'time of late pledges',
    'late pledges of each project',
    'collected pledges in the books',
    'errored pledges in the books',
    'dropped pledges in the books',
    'charges of each pledge',
    'refunds in the books',
    'disputes in the books',
    'payouts in the books',
    'parts of each payout',
  ],
  over: 'projects',
  reads: ['settlements', 'charges', 'refunds', 'payouts'],
  rowCost: 60,
  sql: `with settled as materialized (
      select s.project_id, s.closed_at, s.late_until, p.status
        from settlements s join projects p on p.id = s.project_id
        where ${within('s.project_id')}
    ), lines as materialized (
      select project_id, pledge_id, ${inBooks("'capture', 'late_capture'")} as collected,
          ${inBooks("'failure', 'restore'", "'late_capture', 'drop', 'revive'")} as errored,
          ${inBooks("'drop'", "'restore'")} as dropped,
          ${inBooks("'refund'", "'refund_failed'")} as refunded,
          ${inBooks("'dispute'", "'dispute_won'")} as disputed,
          ${inBooks("'payout'")} as paid_out
        from ledger join settled using (project_id)
        where kind not in ('opening', 'pledge', 'change', 'cancel') and ${within('project_id')}
        group by project_id, pledge_id
    ), moved as materialized (
      select project_id, pledge_id, ${sumOf('charges')} as charged,
          ${sumOf('refunds')} as refunded, ${sumOf('disputes')} as disputed
        from (${movedOf('charges', "'succeeded'")} union all ${movedOf('refunds', "'succeeded'")}
          union all ${movedOf('disputes', "'open', 'lost'")}) each
        group by project_id, pledge_id
    )
    ${disagreeing(
      `settled s join pledges l on l.project_id = s.project_id and ${within('l.project_id')}
        left join lines b on b.project_id = l.project_id and b.pledge_id = l.id
        left join moved m on m.project_id = l.project_id and m.pledge_id = l.id`,
      ['l.project_id', 'l.id'],
      [
        {
          check: 'state of pledges after the end',
          subject: ofPledge,
          stored: 'l.status',
          counted: `case when l.status = 'canceled' then l.status
            when s.status <> 'successful' then 'pledged'
            when s.closed_at is not null and l.status in ('pledged', 'errored') then 'dropped'
            else l.status end`,
        },
        {
          check: 'time of late pledges',
          subject: ofPledge,
          stored: 'l.created_at',
          counted: 'least(l.created_at, s.late_until)',
        },
        {
          check: 'collected pledges in the books',
          subject: ofPledge,
          stored: onlyIf('collected'),
          counted: 'coalesce(b.collected, 0)',
        },
        {
          check: 'errored pledges in the books',
          subject: ofPledge,
          stored: onlyIf('errored'),
          counted: 'coalesce(b.errored, 0)',
        },
        {
          check: 'dropped pledges in the books',
          subject: ofPledge,
          stored: onlyIf('dropped'),
          counted: 'coalesce(b.dropped, 0)',
        },
        {
          check: 'charges of each pledge',
          subject: ofPledge,
          stored: onlyIf('collected'),
          counted: 'coalesce(m.charged, 0)',
        },
        {
          check: 'refunds in the books',
          subject: ofPledge,
          stored: 'coalesce(m.refunded, 0)',
          counted: 'coalesce(b.refunded, 0)',
        },
        {
          check: 'disputes in the books',
          subject: ofPledge,
          stored: 'coalesce(m.disputed, 0)',
          counted: 'coalesce(b.disputed, 0)',
        },
      ],
    )}
    union all ${disagreeing(
      `(select s.*, coalesce(o.paid, 0) as paid, coalesce(b.paid_out, 0) as paid_out
        from settled s
          left join (select project_id, sum(amount) as paid from payouts
            where status = 'paid' and ${within('project_id')} group by project_id) o
            on o.project_id = s.project_id
          left join lines b on b.project_id = s.project_id and b.pledge_id is null) p`,
      ['p.project_id', '0'],
      [
        {
          check: 'payouts in the books',
          subject: "'project ' || p.project_id",
          stored: 'p.paid',
          counted: 'p.paid_out',
        },
        {
          check: 'late pledges of each project',
          subject: "'project ' || p.project_id",
          stored: 'p.late_until',
          counted: "case when p.status = 'successful' then p.late_until end",
        },
      ],
    )}
    union all ${disagreeing(
      `(select o.*, coalesce(sum(amount) filter (where status = 'paid') over (
            partition by project_id order by number rows between unbounded preceding and 1 preceding
          ), 0) as before
        from payouts o where ${within('project_id')}) o`,
      ['o.project_id', 'o.number'],
      [
        {
          check: 'parts of each payout',
          subject: "'payout ' || o.number || ' of project ' || o.project_id",
          stored: 'o.amount',
          counted:
            'o.collected - o.platform_fees - o.processing_fees - o.refunded - o.disputed - o.before',
        },
      ],
    )}`,
}

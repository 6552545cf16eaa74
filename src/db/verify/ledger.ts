import { disagreeing, ofProject, type Pass, slice, within } from './pass'

const ofLine = "'line ' || l.number || ' in the books of project ' || l.project_id"

/** The books: nothing changed, left out or put in between, and they say what the pledges say. */
export const ledger: Pass = {
  what: 'the books',
  checks: [
    'number of each line',
    'hash of each line',
    'last line of each project',
    'account balances of each project',
    'promised in the books of each project',
  ],
  over: 'projects',
  reads: ['ledger', 'ledger_heads', 'ledger_balances', 'projects'],
  rowCost: 40,
  sql: `with linked as materialized (
      select *, row_number() over w as nth,
        ledger_link(lag(hash) over w, ''::bytea, ledger_text(
          project_id, number, kind, pledge_id, debit, credit, amount, created_at)) as link
      from ledger where ${within('project_id')}
      window w as (partition by project_id order by number)
    ), heads as (
      select distinct on (project_id) project_id, number, hash
      from linked order by project_id, number desc
    ), sides as (
      select project_id, account, sum(debit) as debits, sum(credit) as credits,
        sum(credit - debit) filter (where kind in ('opening', 'pledge', 'change', 'cancel')) as promised
      from (
        select project_id, kind, debit as account, amount as debit, 0 as credit from linked
        union all
        select project_id, kind, credit, 0, amount from linked
      ) both_sides
      group by project_id, account
    )
    ${disagreeing(
      'linked l',
      ['l.project_id', 'l.number'],
      [
        { check: 'number of each line', subject: ofLine, stored: 'l.number', counted: 'l.nth' },
        {
          check: 'hash of each line',
          subject: ofLine,
          stored: "encode(l.hash, 'hex')",
          counted: "encode(l.link, 'hex')",
        },
      ],
    )}
    union all ${disagreeing(
      `${slice('ledger_heads', 'project_id')} h full join heads l using (project_id)`,
      ['project_id', '0'],
      [
        {
          check: 'last line of each project',
          subject: "'project ' || project_id",
          stored: "h.number || ' ' || encode(h.hash, 'hex')",
          counted: "coalesce(l.number, 0) || ' ' || encode(coalesce(l.hash, ''), 'hex')",
        },
      ],
    )}
    union all ${disagreeing(
      `${slice('ledger_balances', 'project_id')} b full join sides s using (project_id, account)`,
      ['project_id', '0'],
      [
        {
          check: 'account balances of each project',
          subject: "account || ' of project ' || project_id",
          stored: "b.debits || ' / ' || b.credits",
          counted: "s.debits || ' / ' || s.credits",
        },
      ],
    )}
    union all ${disagreeing(
      `${slice('projects', 'id')} p
        join ledger_heads h on h.project_id = p.id and ${within('h.project_id')}
        left join sides s on s.project_id = p.id and s.account = 'promised'`,
      ['p.id', '0'],
      [
        {
          check: 'promised in the books of each project',
          subject: ofProject,
          stored: 'p.pledged',
          counted: 'coalesce(s.promised, 0)',
        },
      ],
    )}`,
}

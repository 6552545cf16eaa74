import type { ReactNode } from 'react'
import { numericColumns } from '../report'
import type { Budget, Shortfall, Table } from './section'

/** Text with what stands between backticks as code. */
export const WithCode = ({ text }: { text: string }) =>
  text.split('`').map((part, index) =>
    // Parts have no identity but their place.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  )

export function DataTable({ table: { title, headers, rows } }: { table: Table }) {
  if (rows.length === 0) return null
  const right = numericColumns(headers, rows)
  const side = (column: number) => (right[column] ? 'figure' : undefined)
  return (
    <Scrolling label={title || 'Every row'}>
      <table>
        {title && <caption>{title}</caption>}
        <thead>
          <tr>
            {headers.map((header, column) => (
              <th key={header} scope="col" className={side(column)}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join()}>
              {row.map((cell, column) => {
                const Cell = column === 0 ? 'th' : 'td'
                return (
                  <Cell
                    key={headers[column]}
                    {...(column === 0 ? { scope: 'row' } : {})}
                    className={side(column)}
                  >
                    {cell}
                  </Cell>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  )
}

/** A wide table scrolls in its own place, with the keyboard too. */
const Scrolling = ({ label, children }: { label: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: else it would not scroll by keyboard
  <section className="scrolling" aria-label={label} tabIndex={0}>
    {children}
  </section>
)

const Verdict = ({ met }: { met: boolean }) => (
  <span className={met ? 'met' : 'missed'}>{met ? 'met' : 'missed'}</span>
)

export const BudgetTable = ({ budgets }: { budgets: (Budget & { bench: string })[] }) => (
  <Scrolling label="Budgets">
    <table>
      <thead>
        <tr>
          <th scope="col">verdict</th>
          <th scope="col">budget</th>
          <th scope="col" className="figure">
            measured
          </th>
          <th scope="col" className="figure">
            asked for
          </th>
        </tr>
      </thead>
      {[...new Set(budgets.map(({ bench }) => bench))].map((bench) => (
        <tbody key={bench}>
          <tr>
            <th colSpan={4} scope="rowgroup" className="group">
              {bench}
            </th>
          </tr>
          {budgets
            .filter((budget) => budget.bench === bench)
            .map(({ what, measured, limit, met }) => (
              <tr key={what}>
                <td>
                  <Verdict met={met} />
                </td>
                <th scope="row">{what}</th>
                <td className="figure">{measured}</td>
                <td className="figure">{limit}</td>
              </tr>
            ))}
        </tbody>
      ))}
    </table>
  </Scrolling>
)

interface ShortfallsProps {
  title: string
  missed: Budget[]
  shortfalls: Shortfall[]
}

export function ShortfallTable({ title, missed, shortfalls }: ShortfallsProps) {
  if (missed.length + shortfalls.length === 0) return null
  return (
    <div className="shortfalls">
      <h3>{title}</h3>
      <ul>
        {missed.map(({ what, measured, limit }) => (
          <li key={what}>
            <span className="missed">budget missed</span>
            <b>{what}</b> {measured}, asked for {limit}
          </li>
        ))}
        {shortfalls.map(({ what, measured, sure }) => (
          <li key={`${what} ${measured}`}>
            <span className={sure ? 'worse' : 'unsure'}>{sure ? 'worse' : 'within the noise'}</span>
            <b>{what}</b> {measured}
          </li>
        ))}
      </ul>
    </div>
  )
}

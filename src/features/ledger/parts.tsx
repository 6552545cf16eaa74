import { formatMoney } from '#lib/money'
import type { Books } from './rules/books'
import { figuresOf } from './rules/figures'

const totals = new Set(['Pledged', 'Collected', 'Due to the creator'])

/** What a project has brought in and where it went. */
export function Figures(props: { books: Books; currency: string; isSuccess: boolean }) {
  return (
    <table className="money-figures">
      <caption className="visually-hidden">What came in, and where it went</caption>
      <tbody>
        {figuresOf(props.books, props.isSuccess).map(([label, amount]) => (
          <tr key={label} {...(totals.has(label) ? { className: 'money-total' } : {})}>
            <th scope="row">{label}</th>
            <td>{signed(amount, props.currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** With a sign as wide as a digit. */
const signed = (amount: number, currency: string) =>
  amount < 0 ? `−${formatMoney(-amount, currency)}` : formatMoney(Math.abs(amount), currency)

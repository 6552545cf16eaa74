import type { FeeRates } from '#config'
import { formatMoney } from '#lib/money'
import { type Line, shareOut } from '../rules/choice'

interface SumsProps {
  lines: readonly Line[]
  total: number
  currency: string
}

/** Each line of a pledge, and what they come to. */
export function Sums({ lines, total, currency }: SumsProps) {
  return (
    <table className="pledge-sums">
      <tbody>
        {lines.map(({ label, amount }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{amount === 0 ? 'free' : formatMoney(amount, currency)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Total</th>
          <td>{formatMoney(total, currency)}</td>
        </tr>
      </tfoot>
    </table>
  )
}

/** Who gets what of it, to the cent. */
export function Shares(props: { total: number; currency: string; rates: FeeRates }) {
  const { total, currency, rates } = props
  const { creator, platform, processing } = shareOut(total, currency, rates)
  const parts: [string, number][] = [
    ['The creator gets', creator],
    ['Jumpstarter’s fee', platform],
    ['Payment processing', processing],
  ]
  return (
    <details className="pledge-shares" open>
      <summary>Where your money goes, if it is charged</summary>
      <dl>
        {parts.map(([label, amount]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{formatMoney(amount, currency)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

import type { FeeRates } from '#config'
import { formatExact } from '#lib/money'
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
            <td>{amount === 0 ? 'Free' : formatExact(amount, currency)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Total</th>
          <td>{formatExact(total, currency)}</td>
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
    ['To the creator', creator],
    ['Jumpstarter’s fee', platform],
    ['Payment processing', processing],
  ]
  return (
    <details className="pledge-shares" open>
      <summary>Where this goes once it is charged</summary>
      <dl>
        {parts.map(([label, amount]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{formatExact(amount, currency)}</dd>
          </div>
        ))}
      </dl>
      <p>You pay the total and nothing on top: the fees come out of it.</p>
    </details>
  )
}

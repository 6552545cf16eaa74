import { labelOf, type Postal } from '../rules/addresses'

/** An address as it stands on a parcel. */
export function PostalAddress({ address }: { address: Postal | Record<string, string> }) {
  const postal = address as Postal
  return (
    <address className="postal" dir="auto">
      {labelOf(postal).map((line) => (
        <span key={line}>{line}</span>
      ))}
      {postal.phone && <span>Phone {postal.phone}</span>}
    </address>
  )
}

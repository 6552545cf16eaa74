const formats = new Map<string, Intl.NumberFormat>()

function formatFor(currency: string, fractionDigits: number | undefined): Intl.NumberFormat {
  const key = `${currency}${fractionDigits ?? ''}`
  const known = formats.get(key)
  if (known) return known
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    ...(fractionDigits === undefined ? {} : { maximumFractionDigits: fractionDigits }),
  })
  formats.set(key, format)
  return format
}

const exponents = new Map<string, number>()

/** Digits after the point in this currency: USD 2, JPY 0, KWD 3. */
export function currencyExponent(currency: string): number {
  const known = exponents.get(currency)
  if (known !== undefined) return known
  const exponent = formatFor(currency, undefined).resolvedOptions().maximumFractionDigits ?? 2
  exponents.set(currency, exponent)
  return exponent
}

/** Minor units for people: 123450 USD is `$1,234.50`, 120000 USD is `$1,200`. */
export function formatMoney(minor: number, currency: string): string {
  const exponent = currencyExponent(currency)
  const format = formatFor(currency, minor % 10 ** exponent === 0 ? 0 : undefined)
  // As text it is exact; a quotient would lose the cents of very large sums.
  return format.format(`${minor}E-${exponent}` as `${number}`)
}

/** The same without cents, for totals and goals. */
export function formatWhole(minor: number, currency: string): string {
  return formatFor(currency, 0).format(Math.floor(minor / 10 ** currencyExponent(currency)))
}

/** Whole percent of the goal, rounded down, so that 100 % is never shown early. */
export function percentFunded(pledged: number, goal: number): number {
  return Math.floor((pledged * 100) / goal)
}

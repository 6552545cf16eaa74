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

/** The same always with cents, for columns of figures: `$1,200.00`. */
export function formatExact(minor: number, currency: string): string {
  const format = formatFor(currency, undefined)
  return format.format(`${minor}E-${currencyExponent(currency)}` as `${number}`)
}

/** The same without cents, for totals and goals. */
export function formatWhole(minor: number, currency: string): string {
  return formatFor(currency, 0).format(Math.floor(minor / 10 ** currencyExponent(currency)))
}

/** `$1.2K`, for the axis of a chart. */
export function formatShortMoney(minor: number, currency: string): string {
  const format = new Intl.NumberFormat('en-US', {
    ...{ style: 'currency', currency, notation: 'compact' },
    ...{ minimumFractionDigits: 0, maximumFractionDigits: 1 },
  })
  return format.format(minor / 10 ** currencyExponent(currency))
}

/**
 * Whole percent of the goal, rounded down, so that 100 % is never shown early; of a goal not yet
 * set none.
 */
export function percentFunded(pledged: number, goal: number): number {
  if (goal === 0) return 0
  return Math.floor((pledged * 100) / goal)
}

const wholeDigitsMax = 12

/**
 * What somebody typed as a sum, in minor units, or what is wrong with it as a sentence. Both ways
 * of writing are read, `1,000.50` and `1.000,50`; what could be meant in two ways is not guessed.
 */
export function parseMoney(
  text: string,
  currency: string,
): { minor: number; problem?: undefined } | { minor?: undefined; problem: string } {
  // Spaces and apostrophes only ever group digits.
  const typed = text.trim().replace(/(?<=\d)[\s'’](?=\d{3}(\D|$))/g, '')
  if (typed === '') return { problem: 'Please give an amount.' }
  if (/^[-−–]/.test(typed)) return { problem: 'Must not be below zero.' }
  if (!/^\d[\d.,]*$/.test(typed)) {
    return { problem: 'Is not an amount: use the digits 0 to 9 and one point, as in 1000.50.' }
  }
  const exponent = currencyExponent(currency)
  const { whole, fraction } = splitAmount(typed, exponent) ?? {}
  if (whole === undefined || fraction === undefined) {
    return { problem: 'Cannot be read for certain: write it like 1000.50.' }
  }
  if (fraction.length > exponent) {
    return {
      problem:
        exponent === 0
          ? `Has no place for a fraction: ${currency} comes in whole numbers.`
          : `May have ${exponent} digits after the point.`,
    }
  }
  if (whole.length > wholeDigitsMax) return { problem: 'Is larger than any amount here.' }
  return { minor: Number(whole + fraction.padEnd(exponent, '0')) }
}

/** The digits before and after the decimal sign; undefined where it is not certain which is. */
function splitAmount(
  typed: string,
  exponent: number,
): { whole: string; fraction: string } | undefined {
  const marks = [...typed.replace(/\d/g, '')]
  const last = marks.at(-1)
  if (last === undefined) return { whole: typed, fraction: '' }
  const groups = typed.split(last)
  const areGrouped = (parts: string[]) =>
    /^\d{1,3}$/.test(parts[0] ?? '') && parts.slice(1).every((part) => /^\d{3}$/.test(part))
  if (marks.every((mark) => mark === last)) {
    const [whole = '', fraction = ''] = groups
    if (marks.length > 1 || (last === ',' && exponent < 3 && fraction.length === 3)) {
      return areGrouped(groups) ? { whole: groups.join(''), fraction: '' } : undefined
    }
    const isUncertain = fraction.length === 3 && (last === ',' || exponent < 3)
    return isUncertain || fraction === '' ? undefined : { whole, fraction }
  }
  const [grouped = '', fraction = '', ...more] = groups
  const parts = grouped.split(last === '.' ? ',' : '.')
  const isWhole = more.length === 0 && fraction !== '' && areGrouped(parts)
  return isWhole ? { whole: parts.join(''), fraction } : undefined
}

/** Minor units as a form shows them, to be typed over: 123450 USD is `1234.50`. */
export function plainAmount(minor: number, currency: string): string {
  const exponent = currencyExponent(currency)
  if (exponent === 0) return String(minor)
  const digits = String(minor).padStart(exponent + 1, '0')
  const [whole, fraction] = [digits.slice(0, -exponent), digits.slice(-exponent)]
  return /^0+$/.test(fraction) ? whole : `${whole}.${fraction}`
}

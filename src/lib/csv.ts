import { currencyExponent } from './money'

export type Cell = string | number

/** What spreadsheets would take for a formula, also by the wide forms of its first character. */
const formula = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/

/**
 * One line as RFC 4180 has it. Text that a spreadsheet would run as a formula gets an apostrophe in
 * front, which spreadsheets hide.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: Cell): string {
  if (typeof cell === 'number') return String(cell)
  const text = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Minor units as a plain number: 123450 USD is `1234.50`. */
export function decimal(minor: number, currency: string): string {
  const exponent = currencyExponent(currency)
  const digits = String(minor).padStart(exponent + 1, '0')
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/** So that spreadsheets read names in UTF-8, which is what it is. */
export const byteOrderMark = '\u{feff}'

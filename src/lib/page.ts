/**
 * One page of a list, from rows that were read with one more than it holds. `next` is where the page
 * after it begins, made from the last row shown; null when this is the last one.
 */
export function cutPage<Row, Next>(
  rows: Row[],
  rowsMax: number,
  nextOf: (last: Row) => Next,
): { page: Row[]; next: Next | null } {
  const page = rows.slice(0, rowsMax)
  const last = page.at(-1)
  return { page, next: rows.length > rowsMax && last ? nextOf(last) : null }
}

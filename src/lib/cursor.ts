import { AppError } from './errors'

/**
 * A place in a sorted list: the sort it belongs to, the sort key of the last row shown, as a whole
 * number, and that row's id. Opaque to readers; it carries no secret and needs no signature,
 * because whoever forges one only chooses where their own list begins.
 */
export interface Cursor {
  sort: string
  key: string
  id: number
}

const cursorCharactersMax = 200
// Within a bigint.
const keyPattern = /^-?\d{1,16}$/

export function encodeCursor({ sort, key, id }: Cursor): string {
  return Buffer.from(JSON.stringify([sort, key, id])).toString('base64url')
}

/** Throws AppError invalid_cursor when the text is not a cursor of this sort. */
export function decodeCursor(text: string, sort: string): Cursor {
  const [cursorSort, key, id] = parse(text)
  const valid =
    cursorSort === sort &&
    typeof key === 'string' &&
    keyPattern.test(key) &&
    typeof id === 'number' &&
    Number.isSafeInteger(id) &&
    id > 0
  if (!valid) throw new AppError('invalid_cursor', { field: 'after' })
  return { sort, key, id }
}

function parse(text: string): unknown[] {
  if (text.length > cursorCharactersMax) return []
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

import { accepts, isKnown } from '#lib/negotiation'
import { bodyFor, type Coding, type Entry } from './entry'

// Few different ones are sent, so each is read once.
const accepted = new Map<string, { br: boolean; gzip: boolean }>()
const acceptedMax = 1_000
const acceptedCharactersMax = 100

/** The kept answer, for this reader: in a coding they take, or only that theirs is still right. */
export function answerFrom(entry: Entry, request: Request): Response {
  const known = request.headers.get('if-none-match')
  if (known !== null && isKnown(entry.headers['etag'] ?? '', known)) {
    return new Response(null, { status: 304, headers: notModified(entry) })
  }
  const { coding, body } = bodyFor(entry, codingsOf(request))
  return new Response(body, { headers: headersFor(entry, coding) })
}

/** Of the body of such an answer. */
export const bytesSent = (entry: Entry, request: Request, { status }: Response): number =>
  status === 304 ? 0 : bodyFor(entry, codingsOf(request)).body.length

/** Made once: to build them costs more than to send them. */
function headersFor(entry: Entry, coding: Coding): Headers {
  entry.built[coding] ??= new Headers({
    ...entry.headers,
    ...(coding === 'identity' ? {} : { 'content-encoding': coding }),
  })
  return entry.built[coding]
}

function notModified({ headers }: Entry): Record<string, string> {
  const names = [
    ...['etag', 'cache-control', 'vary'],
    ...['access-control-allow-origin', 'access-control-expose-headers'],
  ]
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  )
}

/** What the reader takes. */
export function codingsOf(request: Request): { br: boolean; gzip: boolean } {
  const text = request.headers.get('accept-encoding') ?? ''
  const known = accepted.get(text)
  if (known) return known
  const takes = { br: accepts(text, 'br'), gzip: accepts(text, 'gzip') }
  if (text.length > acceptedCharactersMax) return takes
  if (accepted.size >= acceptedMax) accepted.clear()
  accepted.set(text, takes)
  return takes
}

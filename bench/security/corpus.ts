/** A request that two parsers may read differently. */
export interface Probe {
  group: string
  name: string
  /** Its bytes; `inner` is a whole request that must not be taken for one. */
  bytes(inner: string): Buffer
}

const head = (lines: string[]) =>
  ['POST /sign-in HTTP/1.1', 'Host: localhost', ...lines].join('\r\n')
const form = 'Content-Type: application/x-www-form-urlencoded'
const hex = (text: string) => Buffer.byteLength(text).toString(16)
const latin1 = (text: string) => Buffer.from(text, 'latin1')

const codings: [name: string, lines: string[]][] = [
  ['as it should be', ['Transfer-Encoding: chunked']],
  ['in capitals', ['TRANSFER-ENCODING: CHUNKED']],
  ['a space before the colon', ['Transfer-Encoding : chunked']],
  ['a tab before the value', ['Transfer-Encoding:\tchunked']],
  ['a vertical tab before the value', ['Transfer-Encoding: \x0bchunked']],
  ['a form feed after the value', ['Transfer-Encoding: chunked\x0c']],
  ['a NUL after the value', ['Transfer-Encoding: chunked\x00']],
  ['a NUL in the name', ['Transfer-Encoding\x00: chunked']],
  ['chunked, identity', ['Transfer-Encoding: chunked, identity']],
  ['identity, chunked', ['Transfer-Encoding: identity, chunked']],
  ['gzip, chunked', ['Transfer-Encoding: gzip, chunked']],
  ['chunked, chunked', ['Transfer-Encoding: chunked, chunked']],
  ['an empty member', ['Transfer-Encoding: ,chunked']],
  ['twice, identity first', ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked']],
  ['twice, identity last', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
  ['twice, unknown last', ['Transfer-Encoding: chunked', 'Transfer-Encoding: x']],
  ['unknown', ['Transfer-Encoding: xchunked']],
  ['in quotes', ['Transfer-Encoding: "chunked"']],
  ['with a parameter', ['Transfer-Encoding: chunked;q=1']],
  ['empty', ['Transfer-Encoding:']],
  ['folded value', ['Transfer-Encoding:\r\n chunked']],
  ['folded into another', ['X-Other: 1\r\n Transfer-Encoding: chunked']],
  ['behind a bare LF', ['X-Other: 1\nTransfer-Encoding: chunked']],
  ['behind a bare CR', ['X-Other: 1\rTransfer-Encoding: chunked']],
  ['with an underscore', ['Transfer_Encoding: chunked']],
  ['a space before the name', [' Transfer-Encoding: chunked']],
  ['named by Connection', ['Transfer-Encoding: chunked', 'Connection: Transfer-Encoding, close']],
]

/** The length says that the rest belongs to the body, the chunks say otherwise; and vice versa. */
const lengthAndChunks = codings.flatMap(([name, lines]): Probe[] => [
  {
    group: 'length and chunks, the length longer',
    name,
    bytes: (inner) => {
      const body = `0\r\n\r\n${inner}`
      return latin1(`${head([form, `Content-Length: ${body.length}`, ...lines])}\r\n\r\n${body}`)
    },
  },
  {
    group: 'length and chunks, the chunks longer',
    name,
    bytes: (inner) => {
      const size = `${hex(inner)}\r\n`
      const body = `${size}${inner}\r\n0\r\n\r\n`
      return latin1(`${head([form, ...lines, `Content-Length: ${size.length}`])}\r\n\r\n${body}`)
    },
  },
])

const lengths: [name: string, lines: (length: number) => string[]][] = [
  ['two, 0 first', (length) => ['Content-Length: 0', `Content-Length: ${length}`]],
  ['two, 0 last', (length) => [`Content-Length: ${length}`, 'Content-Length: 0']],
  ['a list, 0 first', (length) => [`Content-Length: 0, ${length}`]],
  ['a list, 0 last', (length) => [`Content-Length: ${length}, 0`]],
  ['with a sign', (length) => [`Content-Length: +${length}`]],
  ['negative', (length) => [`Content-Length: -${length}`]],
  ['in hexadecimal', (length) => [`Content-Length: 0x${length.toString(16)}`]],
  ['with a point', (length) => [`Content-Length: ${length}.0`]],
  ['with an exponent', (length) => [`Content-Length: ${length}e0`]],
  ['with an underscore', (length) => [`Content-Length: ${`${length}`.split('').join('_')}`]],
  ['two numbers', (length) => [`Content-Length: 0 ${length}`]],
  ['beyond 64 bits', () => ['Content-Length: 18446744073709551616']],
  ['empty', () => ['Content-Length:']],
  ['a word', () => ['Content-Length: none']],
  ['a space before the colon', (length) => [`Content-Length : ${length}`]],
  ['a vertical tab before it', (length) => [`Content-Length: \x0b${length}`]],
  ['a NUL after it', (length) => [`Content-Length: ${length}\x00`]],
  ['folded value', (length) => [`Content-Length:\r\n ${length}`]],
  ['behind a bare LF', (length) => ['Content-Length: 0', `X: 1\nContent-Length: ${length}`]],
  ['behind a bare CR', (length) => ['Content-Length: 0', `X: 1\rContent-Length: ${length}`]],
  ['named by Connection', (length) => [`Content-Length: ${length}`, 'Connection: Content-Length']],
  ['of a GET', (length) => [`Content-Length: ${length}`, 'X-HTTP-Method-Override: GET']],
]

/** Whoever reads the length as 0, or none, finds another request. */
const oddLengths = lengths.map(
  ([name, lines]): Probe => ({
    group: 'odd lengths',
    name,
    bytes: (inner) => latin1(`${head([form, ...lines(inner.length)])}\r\n\r\n${inner}`),
  }),
)

const chunks: [name: string, body: (inner: string) => string][] = [
  ['an extension', (inner) => `${hex(inner)};a=b\r\n${inner}\r\n0\r\n\r\n`],
  ['an extension in quotes with CRLF', (inner) => `1;a="\r\nx\r\n0\r\n\r\n${inner}"\r\n0\r\n\r\n`],
  ['an extension with a bare LF', (inner) => `2;\nxx\r\n${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`],
  ['an extension with a bare CR', (inner) => `2;\rxx\r\n${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`],
  ['an extension of 100 kB', (inner) => `1;${'a'.repeat(100_000)}\r\nx\r\n0\r\n\r\n${inner}`],
  ['a size with 0x', (inner) => `0x${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`],
  ['a size with a sign', (inner) => `+${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`],
  ['a negative size', (inner) => `-1\r\n${inner}\r\n0\r\n\r\n`],
  ['a space after the size', (inner) => `${hex(inner)} \r\n${inner}\r\n0\r\n\r\n`],
  ['a space before the size', (inner) => ` ${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`],
  ['an underscore in the size', (inner) => `0_${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`],
  ['a size beyond 64 bits', (inner) => `1${'0'.repeat(16)}\r\n${inner}\r\n0\r\n\r\n`],
  [
    'a size with zeros before it',
    (inner) => `${'0'.repeat(40)}${hex(inner)}\r\n${inner}\r\n0\r\n\r\n`,
  ],
  ['no size', (inner) => `\r\n${inner}\r\n0\r\n\r\n`],
  ['a size that is no number', (inner) => `zz\r\n${inner}\r\n0\r\n\r\n`],
  ['bare LF after the size', (inner) => `${hex(inner)}\n${inner}\r\n0\r\n\r\n`],
  ['bare LF after the data', (inner) => `5\r\nhello\n0\r\n\r\n${inner}`],
  ['bare CR after the data', (inner) => `5\r\nhello\r0\r\n\r\n${inner}`],
  ['nothing after the data', (inner) => `5\r\nhello0\r\n\r\n${inner}`],
  ['more data than was said', (inner) => `5\r\nhelloxx\r\n0\r\n\r\n${inner}`],
  ['bare LF at the end', (inner) => `0\n\n${inner}`],
  ['one bare LF at the end', (inner) => `0\r\n\n${inner}`],
  ['one bare CR at the end', (inner) => `0\r\n\r${inner}`],
  ['a trailer that is a length', (inner) => `0\r\nContent-Length: ${inner.length}\r\n${inner}`],
  ['a trailer with a space in its name', (inner) => `0\r\nX Y: 1\r\n${inner}`],
  ['a trailer without a colon', (inner) => `0\r\n${inner.slice(0, -2)}X: 1\r\n\r\n`],
]

const oddChunks = chunks.map(
  ([name, body]): Probe => ({
    group: 'odd chunks',
    name,
    bytes: (inner) => latin1(`${head([form, 'Transfer-Encoding: chunked'])}\r\n\r\n${body(inner)}`),
  }),
)

const plain = 'Host: localhost'
const long = 'x'.repeat(100_000)
const asBody = (inner: string) => `Content-Length: ${inner.length}\r\n\r\n${inner}`
const lines: [name: string, text: (inner: string) => string][] = [
  ['a body with GET', (inner) => `GET /version HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['a body with HEAD', (inner) => `HEAD /version HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['a body with OPTIONS', (inner) => `OPTIONS * HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['a body with TRACE', (inner) => `TRACE /version HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['CONNECT', (inner) => `CONNECT x:80 HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  [
    'chunks in HTTP/1.0',
    (inner) =>
      `POST /sign-in HTTP/1.0\r\n${plain}\r\n${form}\r\nTransfer-Encoding: chunked\r\nContent-Length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  ],
  [
    'absolute form of another host',
    (inner) => `GET http://other.test/version HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`,
  ],
  [
    'absolute form with a user',
    (inner) => `GET http://a:b@other.test/version HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`,
  ],
  ['two spaces in the line', (inner) => `GET  /version HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['a tab in the line', (inner) => `GET\t/version\tHTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['a space in the path', (inner) => `GET /ver sion HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['a bare LF in the path', (inner) => `GET /version\n${inner}`],
  ['a CR in the path', (inner) => `GET /x\r${inner}`],
  ['a NUL in the path', (inner) => `GET /x\x00 HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  [
    'bytes above ASCII in the path',
    (inner) => `GET /\xff\xfe HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`,
  ],
  ['a fragment', (inner) => `GET /version#x HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['lower case method', (inner) => `get /version HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['unknown method', (inner) => `BREW /version HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['unknown version', (inner) => `GET /version HTTP/1.9\r\n${plain}\r\n${asBody(inner)}`],
  ['another protocol', (inner) => `GET /version XTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  ['no version', (inner) => `GET /version\r\n${inner.slice(inner.indexOf('\r\n') + 2)}`],
  ['preface of HTTP/2', (inner) => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${inner}`],
  [
    'upgrade to h2c',
    (inner) =>
      `GET /version HTTP/1.1\r\n${plain}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n${asBody(inner)}`,
  ],
  [
    'upgrade to a socket',
    (inner) =>
      `GET /version HTTP/1.1\r\n${plain}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n${asBody(inner)}`,
  ],
  [
    'to be continued',
    (inner) =>
      `POST /sign-in HTTP/1.1\r\n${plain}\r\n${form}\r\nExpect: 100-continue\r\n${asBody(inner)}`,
  ],
  [
    'to be continued, oddly',
    (inner) =>
      `POST /sign-in HTTP/1.1\r\n${plain}\r\n${form}\r\nExpect: x 100-continue\r\n${asBody(inner)}`,
  ],
  ['no host', (inner) => `GET /version HTTP/1.1\r\n${asBody(inner)}`],
  [
    'two hosts',
    (inner) => `GET /version HTTP/1.1\r\n${plain}\r\nHost: other.test\r\n${asBody(inner)}`,
  ],
  ['a host that is none', (inner) => `GET /version HTTP/1.1\r\nHost: a b/c@d\r\n${asBody(inner)}`],
  [
    'a name with a space',
    (inner) => `GET /version HTTP/1.1\r\n${plain}\r\nX Y: 1\r\n${asBody(inner)}`,
  ],
  ['an empty name', (inner) => `GET /version HTTP/1.1\r\n${plain}\r\n: 1\r\n${asBody(inner)}`],
  [
    'a line without a colon',
    (inner) => `GET /version HTTP/1.1\r\n${plain}\r\nnothing\r\n${asBody(inner)}`,
  ],
  [
    'a NUL in a value',
    (inner) => `GET /version HTTP/1.1\r\n${plain}\r\nX: a\x00b\r\n${asBody(inner)}`,
  ],
  [
    'a bare CR in a value',
    (inner) => `GET /version HTTP/1.1\r\n${plain}\r\nX: a\r\r\n${asBody(inner)}`,
  ],
  [
    'lines that end in LF',
    (inner) => `GET /version HTTP/1.1\n${plain}\nContent-Length: ${inner.length}\n\n${inner}`,
  ],
  ['an end of LF LF', (inner) => `GET /version HTTP/1.1\r\n${plain}\r\nX: 1\n\n${inner}`],
  ['an end of CR CR', (inner) => `GET /version HTTP/1.1\r\n${plain}\r\nX: 1\r\r${inner}`],
  [
    'a header of 100 kB',
    (inner) => `GET /version HTTP/1.1\r\n${plain}\r\nX: ${long}\r\n${asBody(inner)}`,
  ],
  ['a path of 100 kB', (inner) => `GET /${long} HTTP/1.1\r\n${plain}\r\n${asBody(inner)}`],
  [
    'ten thousand headers',
    (inner) => `GET /version HTTP/1.1\r\n${plain}\r\n${'a: b\r\n'.repeat(10_000)}${asBody(inner)}`,
  ],
  [
    'a body that does not come',
    () => `POST /sign-in HTTP/1.1\r\n${plain}\r\n${form}\r\nContent-Length: 5\r\n\r\n`,
  ],
  [
    'a body beyond every limit',
    (inner) =>
      `POST /sign-in HTTP/1.1\r\n${plain}\r\n${form}\r\nContent-Length: 99999999999\r\n\r\n${inner}`,
  ],
]

const oddLines = lines.map(
  ([name, text]): Probe => ({
    group: 'odd lines',
    name,
    bytes: (inner) => latin1(text(inner)),
  }),
)

export const probes: readonly Probe[] = [
  ...lengthAndChunks,
  ...oddLengths,
  ...oddChunks,
  ...oddLines,
]

/** Those that are two by the letter of RFC 9112: what looks like an end of them is one. */
export const twoByRight: ReadonlySet<string> = new Set([
  'length and chunks, the chunks longer: with an underscore',
  'odd chunks: an extension in quotes with CRLF',
])

/** Two requests that everybody reads as two: what would be seen is seen. */
export const control: Probe = {
  group: 'control',
  name: 'two requests, one after the other',
  bytes: (inner) => latin1(`GET /version HTTP/1.1\r\n${plain}\r\n\r\n${inner}`),
}

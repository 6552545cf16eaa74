/** An HTTP/1.1 answer on its way, as far as a load generator wants to know it. */
export interface Answer {
  /** 0 until its head is there. */
  status: number
  head: string
  /** Bytes of the body that are still to come. */
  left: number
  /** Its end is marked in the body. */
  isChunked: boolean
  /** Neither a length nor chunks: it ends with the connection. */
  untilClose: boolean
  /** What has come of a body that is not chunked, for whoever has put an empty text here. */
  body?: string
  /** The last bytes of a chunked body. */
  tail: Buffer
}

const headEnd = '\r\n\r\n'
const lastChunk = Buffer.from('\r\n0\r\n\r\n')

export const newAnswer = (): Answer => ({
  ...{ status: 0, head: '', left: 0, isChunked: false, untilClose: false },
  tail: Buffer.alloc(0),
})

/** Takes the bytes that have come; tells whether the answer is whole now. */
export function takePart(answer: Answer, part: Uint8Array): 'more' | 'whole' {
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  if (answer.status > 0) return takeBody(answer, bytes)
  const before = answer.head.length
  answer.head += bytes.toString('latin1')
  const end = answer.head.indexOf(headEnd)
  if (end === -1) return 'more'
  const head = answer.head.slice(0, end)
  answer.status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? Number.NaN)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  answer.isChunked = /^transfer-encoding: *chunked/im.test(head)
  answer.untilClose = length === undefined && !answer.isChunked
  answer.left = Number(length ?? 0)
  return takeBody(answer, bytes.subarray(end + headEnd.length - before))
}

function takeBody(answer: Answer, bytes: Buffer): 'more' | 'whole' {
  if (answer.untilClose) return 'more'
  if (!answer.isChunked) {
    if (answer.body !== undefined) answer.body += bytes.toString()
    answer.left -= bytes.length
    return answer.left <= 0 ? 'whole' : 'more'
  }
  const all = bytes.length >= lastChunk.length ? bytes : Buffer.concat([answer.tail, bytes])
  // A copy: the bytes belong to the socket.
  answer.tail = Buffer.from(all.subarray(-lastChunk.length))
  return answer.tail.equals(lastChunk) ? 'whole' : 'more'
}

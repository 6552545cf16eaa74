import { AppError } from '#lib/errors'
import { readHeader } from './formats'
import type { MadeImage } from './variants'

// A large one takes a second, or ten as AVIF, on a machine that has nothing else to do.
const timeoutMs = 60_000
// Each may take a gigabyte and a core: more at once would only make all of them late.
const atOnceMax = 1
const waitingMax = 60

/** Makes what is kept of a picture, in a process of its own. */
export type ImageCodec = (bytes: Uint8Array) => Promise<MadeImage>

/**
 * A codec that starts `command` for each picture, one after the other: memory, time and bugs of the
 * decoders end with that process. It throws AppError invalid_input for what is not taken, busy when
 * too many wait.
 */
export function openCodec(command: readonly string[]): ImageCodec {
  let running = 0
  const waiting: (() => void)[] = []
  return async (bytes) => {
    // What can be refused by its header starts no process.
    await readHeader(bytes)
    if (waiting.length >= waitingMax) throw busy()
    if (running >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await runCodec(command, bytes)
    } finally {
      const next = waiting.shift()
      // The place goes to the next one.
      if (next) next()
      else running -= 1
    }
  }
}

/** Too many pictures at once. */
export const busy = () =>
  new AppError('busy', {
    detail: 'Too many pictures come in at this moment. Please try again in a minute.',
  })

async function runCodec(command: readonly string[], bytes: Uint8Array): Promise<MadeImage> {
  const child = Bun.spawn([...command], {
    stdin: bytes,
    stdout: 'pipe',
    stderr: 'inherit',
    // Nothing that it could tell anybody.
    env: { NODE_ENV: 'production' },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const answer = Buffer.from(await new Response(child.stdout).arrayBuffer())
  await child.exited
  if (child.exitCode === 0) return decodeMade(answer)
  throw new AppError('invalid_input', {
    detail: 'This picture could not be read. Try another file, or a smaller one.',
  })
}

type Head =
  | { refused: string }
  | { width: number; height: number; files: { width: number; bytes: number }[] }

const lengthBytes = 4

/** What the process answers: a head in JSON and the files after it, or why there are none. */
export function encodeMade(made: MadeImage | { refused: string }): Buffer {
  const files = 'refused' in made ? [] : made.files
  const head: Head =
    'refused' in made
      ? made
      : { ...made, files: files.map(({ width, data }) => ({ width, bytes: data.length })) }
  const headBytes = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(headBytes.length)
  return Buffer.concat([length, headBytes, ...files.map(({ data }) => data)])
}

function decodeMade(answer: Buffer): MadeImage {
  const headEnd = lengthBytes + answer.readUInt32BE(0)
  const head = JSON.parse(answer.toString('utf8', lengthBytes, headEnd)) as Head
  if ('refused' in head) throw new AppError('invalid_input', { detail: head.refused })
  let at = headEnd
  const files = head.files.map(({ width, bytes }) => {
    at += bytes
    return { width, data: answer.subarray(at - bytes, at) }
  })
  return { width: head.width, height: head.height, files }
}

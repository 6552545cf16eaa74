import type { FileHandle } from 'node:fs/promises'

// The format of POSIX, so that a backup can be opened without this program.

const blockBytes = 512
/** What eleven octal digits hold; a larger size is written in binary, as GNU tar does it. */
const octalMax = 8 ** 11 - 1
const field = { name: 0, mode: 100, owner: 108, group: 116, size: 124, time: 136, sum: 148 }
const fieldType = 156
const fieldMagic = 257

export interface Entry {
  name: string
  /** Where its content begins in the file. */
  offset: number
  bytes: number
}

/** Writes to a file from its start. */
export function createTar(file: FileHandle, at: Date) {
  let position = 0
  const write = async (chunk: Uint8Array) => {
    for (let done = 0; done < chunk.length; ) {
      const left = chunk.length - done
      const { bytesWritten } = await file.write(chunk, done, left, position)
      position += bytesWritten
      done += bytesWritten
    }
  }
  return {
    /** Adds a file of which the size is known only when it has been written. */
    add: async (name: string, fill: (write: (chunk: Uint8Array) => Promise<void>) => unknown) => {
      const start = position
      position += blockBytes
      await fill(write)
      const bytes = position - start - blockBytes
      await write(new Uint8Array(padding(bytes)))
      await file.write(header(name, bytes, at), 0, blockBytes, start)
      return bytes
    },
    end: async () => await write(new Uint8Array(2 * blockBytes)),
  }
}

/** What a file holds. Throws a sentence when it is damaged or ends too early. */
export async function readEntries(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat()
  const entries: Entry[] = []
  for (let position = 0; ; ) {
    const block = new Uint8Array(blockBytes)
    const { bytesRead } = await file.read(block, 0, blockBytes, position)
    if (bytesRead < blockBytes) throw new Error(`it is cut off after ${size} bytes`)
    if (block.every((byte) => byte === 0)) return entries
    const entry = { ...parse(block, position), offset: position + blockBytes }
    position = entry.offset + entry.bytes + padding(entry.bytes)
    if (position > size) throw new Error(`it is cut off after ${size} bytes, in ${entry.name}`)
    entries.push(entry)
  }
}

const padding = (bytes: number) => (blockBytes - (bytes % blockBytes)) % blockBytes

function header(name: string, bytes: number, at: Date): Uint8Array {
  const block = Buffer.alloc(blockBytes)
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')
  block.write(name, field.name)
  block.write(octal(0o600, 7), field.mode)
  block.write(octal(0, 7), field.owner)
  block.write(octal(0, 7), field.group)
  if (bytes <= octalMax) block.write(octal(bytes, 11), field.size)
  else {
    block[field.size] = 0x80
    block.writeBigUInt64BE(BigInt(bytes), field.size + 4)
  }
  block.write(octal(Math.floor(at.getTime() / 1000), 11), field.time)
  block.write('0', fieldType)
  block.write('ustar\x0000', fieldMagic)
  block.write(`${octal(sumOf(block), 6)}\0 `, field.sum)
  return block
}

function parse(bytes: Uint8Array, position: number): Pick<Entry, 'name' | 'bytes'> {
  const block = Buffer.from(bytes)
  const text = (start: number, end: number) =>
    block.toString('latin1', start, end).split('\0', 1)[0]
  const isOurs = text(fieldMagic, fieldMagic + 6) === 'ustar'
  if (!isOurs || Number.parseInt(text(field.sum, fieldType) ?? '', 8) !== sumOf(block)) {
    throw new Error(position === 0 ? 'it is no backup' : `it is damaged at byte ${position}`)
  }
  const isLarge = block[field.size] === 0x80
  const size = isLarge
    ? Number(block.readBigUInt64BE(field.size + 4))
    : Number.parseInt(text(field.size, field.time) ?? '', 8)
  return { name: text(field.name, field.mode) ?? '', bytes: size }
}

/** Of all bytes of a header, those of the sum itself taken for blanks. */
function sumOf(block: Uint8Array): number {
  return block.reduce(
    (sum, byte, index) => sum + (index >= field.sum && index < fieldType ? 0x20 : byte),
    0,
  )
}

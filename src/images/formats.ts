import { AppError } from '#lib/errors'
import { type AvifHeader, readAvifHeader } from './avif-header'

export const pictureBytesMax = 10_000_000
export const pixelsMax = 40_000_000
/** The most that a WebP has on a side. */
export const sideMax = 16_383

/** What is known of a picture before a pixel of it is decoded. */
export interface Header {
  format: 'jpeg' | 'png' | 'webp' | 'avif'
  width: number
  height: number
  /** How it is to be turned; the other formats' codecs do that themselves. */
  turn?: AvifHeader['turn']
}

const refuse = (detail: string) => new AppError('invalid_input', { detail })
const taken = 'A picture has to be JPEG, PNG, WebP or AVIF.'
const damaged = () => refuse('This picture is damaged and cannot be read. Try another file.')

/**
 * Reads type and size out of the first bytes, whatever the file calls itself. Throws AppError
 * invalid_input with a sentence for what is not taken; that costs no more than reading a header.
 */
export async function readHeader(bytes: Uint8Array): Promise<Header> {
  if (bytes.length === 0) throw refuse('This file is empty.')
  if (bytes.length > pictureBytesMax) {
    throw refuse(`A picture may have up to ${pictureBytesMax / 1e6} MB.`)
  }
  const format = formatOf(bytes)
  if (moves(format, bytes)) throw refuse('This picture moves. Choose one that stands still.')
  if (format === 'jpeg' && isCutOff(bytes)) throw damaged()
  const header = format === 'avif' ? avifHeader(bytes) : await codecHeader(bytes)
  const { width, height } = header
  if (width * height > pixelsMax || Math.max(width, height) > sideMax) throw tooManyPixels()
  return { ...header, format }
}

const tooManyPixels = () =>
  refuse(
    `A picture may have up to ${pixelsMax / 1e6} megapixels, and ${sideMax} pixels on a side. ` +
      'Make it smaller first.',
  )

function avifHeader(bytes: Uint8Array): AvifHeader {
  const header = readAvifHeader(bytes)
  if (!header) throw damaged()
  return header
}

async function codecHeader(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  try {
    const { width, height } = await new Bun.Image(bytes, { maxPixels: pixelsMax }).metadata()
    return { width, height }
  } catch (error) {
    throw refusalOf(error)
  }
}

/** What the codec did not take, as a sentence; what is no fault of the picture stays as it is. */
export function refusalOf(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ERR_IMAGE_TOO_MANY_PIXELS') return tooManyPixels()
  return code.startsWith('ERR_IMAGE_') ? damaged() : error
}

const others: [name: string, pattern: RegExp][] = [
  ['a GIF', /^GIF8/],
  ['a PDF', /^%PDF-/],
  ['a HEIC picture', /^.{4}ftyp(?:hei|hev|mif1|msf1)/s],
  ['a TIFF', /^(?:II\*\0|MM\0\*)/],
  ['a BMP', /^BM.{4}\0\0\0\0/s],
  ['an SVG', /^(?:\xef\xbb\xbf)?\s*(?:<svg\b|<(?:\?xml|!--|!doctype svg).*<svg\b)/is],
  ['a web page', /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|script)\b/i],
]
const startBytes = 1_000

/** By its first bytes. Throws AppError invalid_input, which says what it is instead. */
function formatOf(bytes: Uint8Array): Header['format'] {
  const start = Buffer.from(bytes.subarray(0, startBytes)).toString('latin1')
  if (start.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (/^RIFF.{4}WEBPVP8[ LX]/s.test(start)) return 'webp'
  if (/^.{4}ftyp(?:avif|avis)/s.test(start) || isAvifWithin(start)) return 'avif'
  const other = others.find(([, pattern]) => pattern.test(start))?.[0]
  throw refuse(other ? `This is ${other}. ${taken}` : `This is no picture we know. ${taken}`)
}

/** Some writers name a broader format first. */
const isAvifWithin = (start: string) =>
  /^.{4}ftyp(?:mif1|msf1|miaf)/s.test(start) &&
  start.slice(8, start.charCodeAt(2) * 256 + start.charCodeAt(3)).includes('avif')

/** Whether it is an animation, of which no frame would be the right one. */
function moves(format: Header['format'], bytes: Uint8Array): boolean {
  const text = (from: number, to: number) =>
    Buffer.from(bytes.subarray(from, to)).toString('latin1')
  if (format === 'webp') return text(12, 16) === 'VP8X' && ((bytes[20] ?? 0) & 2) !== 0
  if (format === 'avif') return text(8, 12) === 'avis'
  return format === 'png' && hasChunk(bytes, 'acTL')
}

/** Whether the end of a JPEG is missing, which its codec would fill with grey. */
function isCutOff(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 2
  // Segments before the pixels may hold a smaller JPEG with an end of its own.
  while (at + 4 <= file.length && file[at] === 0xff && file[at + 1] !== 0xda) {
    at += 2 + file.readUInt16BE(at + 2)
  }
  return file.indexOf('\xff\xd9', at, 'latin1') === -1
}

/** Whether a chunk stands before the pixels of a PNG. */
function hasChunk(bytes: Uint8Array, wanted: string): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 8 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const name = file.toString('latin1', at + 4, at + 8)
    if (name === wanted) return true
    if (name === 'IDAT') return false
  }
  return false
}

/** Size of an AVIF, and how its pixels are to be turned, before they are decoded. */
export interface AvifHeader {
  width: number
  height: number
  /** In this order: clockwise by degrees, then mirrored. */
  turn: { degrees: number; mirror: 'none' | 'flip' | 'flop' }
}

interface Box {
  type: string
  /** Without the box's own header. */
  body: DataView
}

const headerBytes = 8
const boxesMax = 1_000

/**
 * Reads the container (ISO 14496-12 and 23008-12) of a still picture. Undefined when it is broken
 * or one of its parts claims other than the whole, so that nothing larger is ever decoded.
 */
export function readAvifHeader(bytes: Uint8Array): AvifHeader | undefined {
  try {
    return readHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  } catch (error) {
    // What lies outside the file.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readHeader(file: DataView): AvifHeader | undefined {
  const meta = boxesOf(file).find(({ type }) => type === 'meta')
  if (!meta) return undefined
  const inside = boxesOf(from(meta.body, 4))
  const primary = inside.find(({ type }) => type === 'pitm')?.body
  const within = inside.find(({ type }) => type === 'iprp')?.body
  if (!primary || !within) return undefined
  const parts = boxesOf(within)
  const container = parts.find(({ type }) => type === 'ipco')?.body
  const links = parts.filter(({ type }) => type === 'ipma')
  if (!container || links.length === 0) return undefined
  const properties = boxesOf(container)
  const item = primary.getUint8(0) === 0 ? primary.getUint16(4) : primary.getUint32(4)
  const own = links
    .flatMap(({ body }) => propertiesOf(body, item))
    .map((index) => properties[index - 1])
  const sizes = own.filter((box) => box?.type === 'ispe').map((box) => sizeOf(box as Box))
  const [size] = sizes
  if (!size || size.width === 0 || size.height === 0) return undefined
  // Thumbnails, layers and tiles are never larger than the whole.
  const all = properties.filter(({ type }) => type === 'ispe').map(sizeOf)
  if (all.some(({ width, height }) => width > size.width || height > size.height)) return undefined
  return { ...size, turn: turnOf(own) }
}

const from = (view: DataView, start: number) =>
  new DataView(view.buffer, view.byteOffset + start, view.byteLength - start)

function boxesOf(view: DataView): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + headerBytes <= view.byteLength && boxes.length < boxesMax; ) {
    const short = view.getUint32(at)
    const long = short === 1
    const length = short === 0 ? view.byteLength - at : long ? longLength(view, at) : short
    const head = long ? 2 * headerBytes : headerBytes
    if (length < head) throw new RangeError('a box is shorter than its head')
    const type = String.fromCharCode(...[4, 5, 6, 7].map((byte) => view.getUint8(at + byte)))
    const body = new DataView(view.buffer, view.byteOffset + at + head, length - head)
    if (at + length > view.byteLength) throw new RangeError('a box is cut off')
    boxes.push({ type, body })
    at += length
  }
  return boxes
}

const longLength = (view: DataView, at: number) => Number(view.getBigUint64(at + 8))

const sizeOf = ({ body }: Box) => ({ width: body.getUint32(4), height: body.getUint32(8) })

/** Numbers, from 1, of the properties of an item. */
function propertiesOf(body: DataView, item: number): number[] {
  const version = body.getUint8(0)
  const isWide = (body.getUint8(3) & 1) === 1
  const found: number[] = []
  let at = 8
  for (let entries = body.getUint32(4); entries > 0; entries -= 1) {
    const id = version === 0 ? body.getUint16(at) : body.getUint32(at)
    at += version === 0 ? 2 : 4
    const links = body.getUint8(at)
    at += 1
    for (let link = 0; link < links; link += 1, at += isWide ? 2 : 1) {
      const index = isWide ? body.getUint16(at) & 0x7fff : body.getUint8(at) & 0x7f
      if (id === item) found.push(index)
    }
  }
  return found
}

function turnOf(own: (Box | undefined)[]): AvifHeader['turn'] {
  const turn = own.find((box) => box?.type === 'irot')?.body.getUint8(0) ?? 0
  const mirror = own.find((box) => box?.type === 'imir')?.body.getUint8(0)
  return {
    // Counted in quarters the other way round.
    degrees: ((4 - (turn & 3)) & 3) * 90,
    mirror: mirror === undefined ? 'none' : (mirror & 1) === 0 ? 'flip' : 'flop',
  }
}

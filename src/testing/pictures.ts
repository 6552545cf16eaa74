import encoder from '@jsquash/avif/codec/enc/avif_enc.wasm' with { type: 'file' }
import encode, { init } from '@jsquash/avif/encode.js'

/** Pictures to upload, sound and otherwise. */

type Paint = (x: number, y: number) => [red: number, green: number, blue: number, alpha?: number]

/** Red on the left, blue on the right. */
export const halves =
  (width: number): Paint =>
  (x) =>
    x < width / 2 ? [220, 30, 30] : [30, 30, 220]

export const kinds = ['jpeg', 'png', 'webp', 'avif'] as const
export type Kind = (typeof kinds)[number]

/** A picture of this size in this format. */
export async function draw(
  kind: Kind,
  [width, height]: [number, number],
  paint: Paint = halves(width),
): Promise<Uint8Array<ArrayBuffer>> {
  const pixels = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [red, green, blue, alpha = 255] = paint(x, y)
      pixels.set([red, green, blue, alpha], (y * width + x) * 4)
    }
  }
  if (kind === 'avif') {
    await init(await WebAssembly.compile(await Bun.file(encoder).arrayBuffer()))
    const data = { data: pixels, width, height } as never
    return new Uint8Array(await encode(data, { speed: 10 }))
  }
  const image = new Bun.Image(bitmap(pixels, width, height))
  return new Uint8Array(await image[kind]().bytes())
}

function bitmap(pixels: Uint8ClampedArray, width: number, height: number): Uint8Array {
  const file = Buffer.alloc(122 + pixels.length)
  file.write('BM', 0, 'latin1')
  for (const [at, value] of [
    ...[
      [2, file.length],
      [10, 122],
      [14, 108],
      [18, width],
      [22, -height],
      [30, 3],
    ],
    ...[
      [34, pixels.length],
      [54, 0xff],
      [58, 0xff00],
      [62, 0xff_0000],
      [66, -0x100_0000],
    ],
  ] as [number, number][]) {
    file.writeInt32LE(value, at)
  }
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(32, 28)
  file.set(pixels, 122)
  return file
}

/** What a telephone writes into its JPEGs: which way is up, where it was, and more. */
export function asFromTelephone(jpeg: Uint8Array, orientation: number): Uint8Array<ArrayBuffer> {
  const tiff = Buffer.alloc(120)
  tiff.write('II*\0', 0, 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(3, 8)
  const entry = (at: number, [tag, type, count, value]: [number, number, number, number]) => {
    tiff.writeUInt16LE(tag, at)
    tiff.writeUInt16LE(type, at + 2)
    tiff.writeUInt32LE(count, at + 4)
    tiff.writeUInt32LE(value, at + 8)
  }
  entry(10, [0x010f, 2, 10, 50])
  entry(22, [0x0112, 3, 1, orientation])
  // The place, as a directory of its own.
  entry(34, [0x8825, 4, 1, 64])
  tiff.write('SecretCam\0', 50, 'latin1')
  tiff.writeUInt16LE(1, 64)
  entry(66, [0x0002, 5, 3, 84])
  for (const [index, value] of [48, 1, 8, 1, 5128, 100].entries()) {
    tiff.writeUInt32LE(value, 84 + index * 4)
  }
  const xmp = 'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SecretPlace</x:xmpmeta>'
  const profile = Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), wideProfile()])
  return withSegments(jpeg, [
    [0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])],
    [0xe1, Buffer.from(xmp, 'latin1')],
    [0xe2, profile],
    [0xfe, Buffer.from('SecretComment', 'latin1')],
  ])
}

function withSegments(jpeg: Uint8Array, segments: [number, Buffer][]): Uint8Array<ArrayBuffer> {
  const parts = segments.map(([marker, body]) => {
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(body.length + 2, 2)
    return Buffer.concat([head, body])
  })
  return new Uint8Array(Buffer.concat([jpeg.subarray(0, 2), ...parts, jpeg.subarray(2)]))
}

/** Primaries of Display P3, with a name in it. */
export function wideProfile(): Buffer {
  const xyz = (...values: number[]) => {
    const body = Buffer.alloc(20)
    body.write('XYZ ', 0, 'latin1')
    for (const [index, value] of values.entries()) {
      body.writeInt32BE(Math.round(value * 65_536), 8 + index * 4)
    }
    return body
  }
  const curve = Buffer.from('curv\0\0\0\0\0\0\0\x01\x02\x33\0\0', 'latin1')
  const words = (text: string) => Buffer.from(`text\0\0\0\0${text}\0`.padEnd(40, '\0'), 'latin1')
  const tags: [string, Buffer][] = [
    ['desc', words('SecretMonitor')],
    ['cprt', words('SecretOwner')],
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['rXYZ', xyz(0.5151, 0.2412, -0.0011)],
    ['gXYZ', xyz(0.292, 0.6922, 0.0419)],
    ['bXYZ', xyz(0.1571, 0.0666, 0.7841)],
    ...(['rTRC', 'gTRC', 'bTRC'] as const).map((name): [string, Buffer] => [name, curve]),
  ]
  const head = Buffer.alloc(132 + tags.length * 12)
  head.write('SecretCMM', 4, 'latin1')
  head.write('mntrRGB XYZ ', 12, 'latin1')
  head.writeUInt32BE(0x0210_0000, 8)
  head.write('acsp', 36, 'latin1')
  head.write('SecretMaker', 48, 'latin1')
  for (const [index, part] of [0.9642, 1, 0.8249].entries()) {
    head.writeInt32BE(Math.round(part * 65_536), 68 + index * 4)
  }
  head.writeUInt32BE(tags.length, 128)
  let at = head.length
  for (const [index, [name, body]] of tags.entries()) {
    head.write(name, 132 + index * 12, 'latin1')
    head.writeUInt32BE(at, 136 + index * 12)
    head.writeUInt32BE(body.length, 140 + index * 12)
    at += body.length
  }
  head.writeUInt32BE(at, 0)
  return Buffer.concat([head, ...tags.map(([, body]) => body)])
}

/** A PNG of a few hundred bytes whose header claims this size. */
export function withPngSize(png: Uint8Array, width: number, height: number) {
  const file = Buffer.from(png)
  file.writeUInt32BE(width, 16)
  file.writeUInt32BE(height, 20)
  file.writeUInt32BE(Bun.hash.crc32(file.subarray(12, 29)), 29)
  return new Uint8Array(file)
}

/** A JPEG whose frame claims this size. */
export function withJpegSize(jpeg: Uint8Array, width: number, height: number) {
  const file = Buffer.from(jpeg)
  const frame = file.findIndex(
    (byte, at) => byte === 0xff && [0xc0, 0xc2].includes(file[at + 1] ?? 0),
  )
  file.writeUInt16BE(height, frame + 5)
  file.writeUInt16BE(width, frame + 7)
  return new Uint8Array(file)
}

/** An AVIF whose container claims this size. */
export function withAvifSize(avif: Uint8Array, width: number, height: number) {
  const file = Buffer.from(avif)
  const at = file.indexOf('ispe')
  file.writeUInt32BE(width, at + 8)
  file.writeUInt32BE(height, at + 12)
  return new Uint8Array(file)
}

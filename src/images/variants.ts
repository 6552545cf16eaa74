import { imageWidths } from '#lib/image-widths'
import { type Header, pixelsMax, readHeader, refusalOf } from './formats'
import { withPlainProfile } from './webp'

/** A picture as we keep it. */
export interface MadeImage {
  /** Of the largest file. */
  width: number
  height: number
  /** WebP without a word about where, when and with what it was taken. Narrowest first. */
  files: { width: number; data: Uint8Array }[]
}

const quality = 80

/**
 * Decodes a picture once, turns it upright and makes a file of each width it is wide enough for.
 * Throws AppError invalid_input for what is not taken. To be called in a process of its own.
 */
export async function makeVariants(bytes: Uint8Array): Promise<MadeImage> {
  const header = await readHeader(bytes)
  try {
    const { master, width, height } = await largest(bytes, header)
    const widths = [...imageWidths.filter((each) => each < width), width]
    const files: MadeImage['files'] = []
    for (const each of widths) {
      const data = await new Bun.Image(master).resize(each).webp({ quality }).bytes()
      files.push({ width: each, data: withPlainProfile(data) })
    }
    return { width, height, files }
  } catch (error) {
    throw refusalOf(error)
  }
}

/** Without loss, and no wider than the widest file. */
async function largest(bytes: Uint8Array, { format, turn }: Header) {
  const widest = Math.max(...imageWidths)
  const image = new Bun.Image(format === 'avif' ? await avifPixels(bytes) : bytes, {
    maxPixels: pixelsMax,
  })
  if (turn && turn.degrees !== 0) image.rotate(turn.degrees)
  if (turn && turn.mirror !== 'none') image[turn.mirror]()
  const master = await image
    .resize(widest, undefined, { withoutEnlargement: true })
    .png({ compressionLevel: 1 })
    .bytes()
  return { master, width: image.width, height: image.height }
}

async function avifPixels(bytes: Uint8Array): Promise<Uint8Array> {
  // Nobody else needs it, and it takes a moment to load.
  const { decodeAvif } = await import('./avif-decoder')
  return decodeAvif(bytes).catch((error: unknown) => {
    throw Object.assign(new Error('the AVIF could not be decoded', { cause: error }), {
      code: 'ERR_IMAGE_DECODE_FAILED',
    })
  })
}

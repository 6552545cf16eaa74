import { z } from 'zod'
import { paths } from '#web/paths'

/** A picture that is kept; its files are at `paths.image(hash, width)`. */
export interface StoredImage {
  hash: string
  /** In pixels, of its largest file. */
  width: number
  height: number
}

const hashDigits = 32

/** What a picture is called: the first half of the SHA-256 of its largest file. */
export const imageHash = z.string().regex(new RegExp(`^[0-9a-f]{${hashDigits}}$`))

export const hashOf = (largest: Uint8Array): string =>
  new Bun.CryptoHasher('sha256').update(largest).digest('hex').slice(0, hashDigits)

export const uploadsPerHour = { times: 60, seconds: 3600 }

/** Names of the fields that go with a picture's. */
export const keptName = (field: string) => `${field}-kept`
export const removeName = (field: string) => `${field}-remove`

/** What shows it in a story; its size keeps the text from jumping when it comes. */
export const markdownOf = ({ hash, width, height }: StoredImage, alt = ''): string =>
  `![${alt}](${paths.image(hash, 1024)} "${width}x${height}")`

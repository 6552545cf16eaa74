/** Tags of an ICC profile that colours are computed from; the others are words and numbers. */
const colourTags = ['rXYZ', 'gXYZ', 'bXYZ', 'wtpt', 'chad', 'rTRC', 'gTRC', 'bTRC']
const profileHeadBytes = 128
const profileBytesMax = 100_000
const hasProfileFlag = 0x20

/**
 * A WebP whose colour profile says no more than what its colours mean, and which holds nothing but
 * its picture besides: no place, no camera, no name.
 */
export function withPlainProfile(webp: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength)
  const kept: Buffer[] = []
  let profile: Buffer | undefined
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4)
    const length = file.readUInt32LE(at + 4)
    const body = file.subarray(at + 8, at + 8 + length)
    if (name === 'ICCP') profile = plainProfile(body)
    if (name === 'VP8X') kept.push(chunk(name, Buffer.from(body)))
    if (name === 'ICCP' && profile) kept.push(chunk(name, profile))
    if (['VP8 ', 'VP8L', 'ALPH'].includes(name)) kept.push(chunk(name, body))
    at += 8 + length + (length % 2)
  }
  const flags = kept.find((each) => each.toString('latin1', 0, 4) === 'VP8X')
  // Transparency stays as it is.
  if (flags) flags[8] = ((flags[8] ?? 0) & 0x10) | (profile ? hasProfileFlag : 0)
  const body = Buffer.concat([Buffer.from('WEBP'), ...kept])
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1')
  head.writeUInt32LE(body.length, 4)
  return new Uint8Array(Buffer.concat([head, body]))
}

function chunk(name: string, body: Buffer): Buffer {
  const head = Buffer.from(`${name}\0\0\0\0`, 'latin1')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

/** A profile of three primaries and their curves, made anew; undefined for any other. */
export function plainProfile(profile: Buffer): Buffer | undefined {
  if (profile.length > profileBytesMax || profile.toString('latin1', 16, 20) !== 'RGB ') {
    return undefined
  }
  try {
    const own = tagsOf(profile).filter(({ name }) => colourTags.includes(name))
    const required = colourTags.filter((name) => name !== 'chad')
    if (!required.every((name) => own.some((tag) => tag.name === name))) return undefined
    return assemble(profile, [{ name: 'desc', body: description }, ...own])
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

interface Tag {
  name: string
  body: Buffer
}

function tagsOf(profile: Buffer): Tag[] {
  const count = Math.min(profile.readUInt32BE(profileHeadBytes), 100)
  return Array.from({ length: count }, (_, index) => {
    const at = profileHeadBytes + 4 + index * 12
    const start = profile.readUInt32BE(at + 4)
    const end = start + profile.readUInt32BE(at + 8)
    if (end > profile.length) throw new RangeError('a tag lies outside the profile')
    return { name: profile.toString('latin1', at, at + 4), body: profile.subarray(start, end) }
  })
}

/** Every profile has to have one. */
const description = ((text: string) => {
  const body = Buffer.alloc(12 + text.length + 1 + 78)
  body.write('desc', 0, 'latin1')
  body.writeUInt32BE(text.length + 1, 8)
  body.write(text, 12, 'latin1')
  return body
})('RGB')

function assemble(original: Buffer, tags: Tag[]): Buffer {
  const head = Buffer.from(original.subarray(0, profileHeadBytes))
  // When, by whom and for which device it was made, and its checksum.
  for (const [from, to] of [
    [4, 8],
    [24, 36],
    [40, 64],
    [80, 128],
  ] as const) {
    head.fill(0, from, to)
  }
  const table = Buffer.alloc(4 + tags.length * 12)
  table.writeUInt32BE(tags.length, 0)
  const bodies: Buffer[] = []
  let at = head.length + table.length
  for (const [index, { name, body }] of tags.entries()) {
    table.write(name, 4 + index * 12, 'latin1')
    table.writeUInt32BE(at, 4 + index * 12 + 4)
    table.writeUInt32BE(body.length, 4 + index * 12 + 8)
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
    bodies.push(padded)
    at += padded.length
  }
  head.writeUInt32BE(at, 0)
  // The signature of the file stays.
  original.copy(head, 36, 36, 40)
  return Buffer.concat([head, table, ...bodies])
}

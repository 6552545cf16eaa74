import { describe, expect, test } from 'bun:test'
import { inflateSync } from 'node:zlib'
import { asFromTelephone, draw, halves, kinds, wideProfile } from '#testing/pictures'
import { makeVariants } from './variants'
import { plainProfile } from './webp'

/** The colour in the middle of the left and of the right half, roughly. */
async function sides(webp: Uint8Array) {
  const small = await new Bun.Image(webp).resize(2, 2).png().bytes()
  const { colourAt } = decodePng(small)
  return [colourAt(0), colourAt(1)]
}

/** PNGs of two by two pixels, as Bun writes them. */
function decodePng(png: Uint8Array) {
  const file = Buffer.from(png)
  const parts: Buffer[] = []
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT') {
      parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)))
    }
  }
  const channels = file[25] === 6 ? 4 : 3
  const row = inflateSync(Buffer.concat(parts))
  // Without a filter, or with the difference to the pixel on the left.
  const value = (pixel: number, channel: number): number => {
    const own = row[1 + pixel * channels + channel] ?? 0
    return row[0] === 1 && pixel > 0 ? (own + value(0, channel)) & 255 : own
  }
  const names = ['red', 'green', 'blue'] as const
  const colourAt = (pixel: number) =>
    names[[0, 1, 2].toSorted((a, b) => value(pixel, b) - value(pixel, a))[0] ?? 0]
  return { colourAt }
}

describe.each(kinds)('a %s', (kind) => {
  test('is kept in the widths it is wide enough for, and its own', async () => {
    const made = await makeVariants(await draw(kind, [700, 500]))
    expect(made).toMatchObject({ width: 700, height: 500 })
    expect(made.files.map(({ width }) => width)).toEqual([160, 320, 640, 700])
    for (const { width, data } of made.files) {
      expect(await new Bun.Image(data).metadata()).toMatchObject({ format: 'webp', width })
      expect(await sides(data)).toEqual(['red', 'blue'])
    }
  })

  test('may be a single pixel', async () => {
    const made = await makeVariants(await draw(kind, [1, 1]))
    expect(made.files.map(({ width }) => width)).toEqual([1])
  })
})

test('what is wider than the widest is made narrower', async () => {
  const made = await makeVariants(await draw('png', [2000, 100]))
  expect(made).toMatchObject({ width: 1600, height: 80 })
  expect(made.files.map(({ width }) => width)).toEqual([160, 320, 640, 1024, 1600])
})

test('transparency stays', async () => {
  const clear = (x: number): [number, number, number, number] => [9, 200, 9, x < 50 ? 0 : 255]
  for (const kind of ['png', 'webp', 'avif'] as const) {
    const { files } = await makeVariants(await draw(kind, [100, 60], clear))
    const png = Buffer.from(await new Bun.Image(files[0]?.data ?? '').png().bytes())
    // Colour type: with alpha.
    expect(png[25]).toBe(6)
  }
})

describe('from a telephone', () => {
  const upright = draw('jpeg', [300, 200])

  test.each([
    [1, [300, 200], ['red', 'blue']],
    [2, [300, 200], ['blue', 'red']],
    [3, [300, 200], ['blue', 'red']],
  ] as const)('orientation %i is applied', async (orientation, [width, height], colours) => {
    const made = await makeVariants(asFromTelephone(await upright, orientation))
    expect(made).toMatchObject({ width, height })
    expect(await sides(made.files[0]?.data ?? new Uint8Array())).toEqual([...colours])
  })

  test.each([6, 8])('orientation %i lies on its side', async (orientation) => {
    const made = await makeVariants(asFromTelephone(await upright, orientation))
    expect(made).toMatchObject({ width: 200, height: 300 })
  })

  test('place, camera, owner and words are gone; what the colours mean stays', async () => {
    const taken = asFromTelephone(await upright, 6)
    expect(Buffer.from(taken).includes('SecretPlace')).toBe(true)
    const { files } = await makeVariants(taken)
    expect(files.length).toBe(2)
    for (const { data } of files) {
      const file = Buffer.from(data)
      for (const word of ['Secret', 'Exif', 'EXIF', 'XMP', 'xmp']) {
        expect(file.includes(word)).toBe(false)
      }
      expect(file.includes('ICCP')).toBe(true)
      expect(file.includes(wideProfile().subarray(-16))).toBe(true)
    }
  })
})

test('a profile other than of three primaries is dropped, as is a broken one', () => {
  const grey = wideProfile()
  grey.write('GRAY', 16, 'latin1')
  expect(plainProfile(grey)).toBeUndefined()
  expect(plainProfile(wideProfile().subarray(0, 200))).toBeUndefined()
  expect(plainProfile(wideProfile())?.readUInt32BE(0)).toBe(plainProfile(wideProfile())?.length)
})

test('the same picture gives the same bytes', async () => {
  const png = await draw('png', [400, 300], halves(400))
  const [one, other] = [await makeVariants(png), await makeVariants(png)]
  expect(one).toEqual(other)
})

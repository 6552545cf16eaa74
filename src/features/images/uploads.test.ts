import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { asFromTelephone, draw, kinds } from '#testing/pictures'
import { joined, type Visitor, visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let site: TestApp
let ada: Visitor

beforeAll(async () => {
  site = await testApp()
  ada = await joined(site, 'Ada Lovelace')
})

afterAll(() => site.close())

const json = { 'sec-fetch-site': 'same-origin', accept: 'application/json' }
type Part = Uint8Array<ArrayBuffer> | string

function form(...files: [content: Part, name: string, type?: string][]): FormData {
  const data = new FormData()
  for (const [content, name, type = 'image/png'] of files) {
    data.append('image', new File([content], name, { type }))
  }
  return data
}

interface Answer {
  error?: string
  hash: string
  url: string
  width: number
  height: number
  markdown: string
}

async function upload(content: Part, name = 'picture.png', type?: string, by = ada) {
  const answer = await by.post('/images', form([content, name, type ?? 'image/png']), json)
  return { status: answer.status, ...((await answer.json()) as Answer) }
}

const rowsOf = async (table: 'images' | 'image_files') => {
  const [row] = await site.db.$client.unsafe(`select count(*)::int as rows from ${table}`)
  return row?.['rows'] as number
}

describe('a picture', () => {
  test.each(kinds)('as %s comes back as WebP in every width', async (kind) => {
    const picture = await draw(kind, [400, 300])
    const { hash, url, markdown, ...size } = await upload(picture, 'a.txt', 'text/plain')
    expect(size).toEqual({ status: 200, width: 400, height: 300 })
    expect(hash).toMatch(/^[0-9a-f]{32}$/)
    expect(url).toBe(`/images/${hash}/1024.webp`)
    expect(markdown).toBe(`![](/images/${hash}/1024.webp "400x300")`)
    for (const [asked, given] of [
      [160, 160],
      [320, 320],
      [640, 400],
      [1600, 400],
    ]) {
      const answer = await site.get(`/images/${hash}/${asked}.webp`)
      expect(answer.status).toBe(200)
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'image/webp',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'",
        etag: `"${hash}-${asked}"`,
      })
      const bytes = await answer.bytes()
      expect(await new Bun.Image(bytes).metadata()).toMatchObject({ format: 'webp', width: given })
    }
  })

  test('is shown on a page with the line for a story, to whoever has no script', async () => {
    const answer = await ada.post('/images', form([await draw('png', [64, 64]), 'a.png']))
    expect(answer.status).toBe(200)
    const html = await answer.text()
    expect(html).toMatch(/!\[\]\(\/images\/[0-9a-f]{32}\/1024\.webp &quot;64x64&quot;\)/)
    expect(html).toMatch(/<img [^>]*srcSet="\/images\/[0-9a-f]{32}\/160\.webp 160w/)
  })

  test('is kept once, however often it comes', async () => {
    const picture = await draw('png', [333, 222])
    const first = await upload(picture)
    const before = [await rowsOf('images'), await rowsOf('image_files')]
    const again = await Promise.all([upload(picture), upload(picture), upload(picture)])
    expect(again.every(({ hash }) => hash === first.hash)).toBe(true)
    expect([await rowsOf('images'), await rowsOf('image_files')]).toEqual(before)
  })

  test('says nothing of where it was taken', async () => {
    const { hash } = await upload(asFromTelephone(await draw('jpeg', [200, 100]), 6), 'DCIM.jpg')
    const bytes = Buffer.from(await (await site.get(`/images/${hash}/1600.webp`)).bytes())
    expect(await new Bun.Image(bytes).metadata()).toMatchObject({ width: 100, height: 200 })
    for (const word of ['Secret', 'Exif', 'EXIF', 'XMP']) expect(bytes.includes(word)).toBe(false)
  })

  test('may be called anything', async () => {
    const picture = await draw('png', [20, 20])
    const { hash } = await upload(picture)
    const names = [
      ...['../../../etc/passwd', 'C:\\windows\\a.png', '🎉🎉.png', 'صورة.png', '‮gnp.exe'],
      ...['a\u0000b.png', 'a\u0007\u001b[31m.png', '<img src=x onerror=alert(1)>.png', "'; drop--"],
      ...['x'.repeat(5_000), '.', 'a.svg', 'a.php', 'CON'],
    ]
    for (const name of names) expect(await upload(picture, name)).toMatchObject({ hash })
  })
})

test('what is not there is not found, and costs no picture', async () => {
  const { hash } = await upload(await draw('png', [30, 30]))
  const missing = [
    `/images/${'0'.repeat(32)}/640.webp`,
    ...[
      '/641.webp',
      '/0.webp',
      '/99999.webp',
      '/640.png',
      '/640',
      '/640.webp.html',
      '/-1.webp',
    ].map((file) => `/images/${hash}${file}`),
    `/images/${hash.toUpperCase().replace(/[0-9]/g, 'A')}/640.webp`,
    `/images/${hash.slice(1)}/640.webp`,
    `/images/..%2f${hash}/640.webp`,
  ]
  for (const path of missing) expect([path, (await site.get(path)).status]).toEqual([path, 404])
})

test('whoever has it already is told so', async () => {
  const { hash } = await upload(await draw('png', [31, 30]))
  const headers = { 'if-none-match': `"${hash}-640"` }
  const answer = await site.get(`/images/${hash}/640.webp`, { headers })
  expect(answer.status).toBe(304)
  expect(await answer.text()).toBe('')
})

describe('not taken', () => {
  const gif = 'GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,'
  const script = '<script>alert(1)</script>'
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
  const taken = 'A picture has to be JPEG, PNG, WebP or AVIF.'
  const cases: [what: string, content: () => Part | Promise<Part>, sentence: string][] = [
    ['nothing', () => '', 'This file is empty.'],
    ['a text', () => 'Not a picture.', `This is no picture we know. ${taken}`],
    ['an SVG', () => `<svg xmlns="x">${script}</svg>`, `This is an SVG. ${taken}`],
    ['an XML with an SVG', () => `<?xml version="1.0"?>\n<svg/>`, `This is an SVG. ${taken}`],
    ['a commented SVG', () => `<!-- a -->\n<svg>`, `This is an SVG. ${taken}`],
    ['a web page', () => `<!DOCTYPE html>${script}`, `This is a web page. ${taken}`],
    ['a GIF', () => bytes(gif), `This is a GIF. ${taken}`],
    [
      'a GIF that is a script',
      () => bytes(`GIF89a/*${gif}*/=1;alert(1)`),
      `This is a GIF. ${taken}`,
    ],
    ['a PDF', () => `%PDF-1.7\n${script}`, `This is a PDF. ${taken}`],
    [
      'a HEIC',
      () => bytes('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
      `This is a HEIC picture. ${taken}`,
    ],
    ['a BMP', () => bytes('BM\x10\0\0\0\0\0\0\0'), `This is a BMP. ${taken}`],
    ['a TIFF', () => bytes('II*\0\x08\0\0\0'), `This is a TIFF. ${taken}`],
    ['zeros', () => new Uint8Array(1_000), `This is no picture we know. ${taken}`],
    ['a JPEG of three bytes', () => bytes('\xff\xd8\xff'), 'damaged'],
    ['a PNG without a header', () => bytes('\x89PNG\r\n\x1a\n'), 'damaged'],
    ['a WebP of its name alone', () => bytes('RIFF\x20\0\0\0WEBPVP8 '), 'damaged'],
    ['an AVIF of its name alone', () => bytes('\0\0\0\x14ftypavif\0\0\0\0avif'), 'damaged'],
    ['half a JPEG', async () => half(await draw('jpeg', [300, 300])), 'damaged'],
    ['half a PNG', async () => half(await draw('png', [300, 300])), 'damaged'],
    ['half a WebP', async () => half(await draw('webp', [300, 300], noise)), 'damaged'],
    ['half an AVIF', async () => half(await draw('avif', [300, 300], noise)), 'damaged'],
    ['10 MB and a byte', async () => padded(await draw('png', [9, 9]), 10_000_001), 'up to 10 MB'],
    [
      'a WebP that moves',
      () => bytes(`RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x02${'\0'.repeat(20)}`),
      'moves',
    ],
    ['an AVIF that moves', () => bytes('\0\0\0\x18ftypavis\0\0\0\0avisavif'), 'moves'],
    ['a PNG that moves', async () => animated(await draw('png', [9, 9])), 'moves'],
  ]
  const half = (file: Uint8Array<ArrayBuffer>) => file.slice(0, Math.floor(file.length / 2))
  const noise = (x: number, y: number): [number, number, number] => [
    (x * y) % 256,
    (x * 7) % 256,
    y % 256,
  ]
  const padded = (file: Uint8Array, length: number) => {
    const longer = new Uint8Array(length)
    longer.set(file)
    return longer
  }
  const animated = (png: Uint8Array) =>
    new Uint8Array(
      Buffer.concat([
        png.subarray(0, 33),
        Buffer.from('\0\0\0\x08acTL\0\0\0\x02\0\0\0\0\0\0\0\0', 'latin1'),
        png.subarray(33),
      ]),
    )

  let hedy: Visitor
  beforeAll(async () => {
    hedy = await joined(site, 'Hedy Lamarr')
  })

  test.each(cases)('%s', async (_, content, sentence) => {
    const before = await rowsOf('images')
    const { status, ...answer } = await upload(await content(), 'a.jpg', 'image/jpeg', hedy)
    expect(status).toBe(422)
    expect(Object.keys(answer)).toEqual(['error'])
    expect(answer.error).toContain(sentence)
    expect(await rowsOf('images')).toBe(before)
  })

  test('exactly 10 MB is no reason', async () => {
    const picture = padded(await draw('png', [9, 9]), 10_000_000)
    expect((await upload(picture, 'a.png', 'image/png', hedy)).status).toBe(200)
  })

  test('a polyglot comes out as a picture alone', async () => {
    const picture = await draw('jpeg', [60, 60])
    const end = new Uint8Array(Buffer.from(`<html>${script}%PDF-1.4 PK\x03\x04`, 'latin1'))
    const { hash } = await upload(new Uint8Array(Buffer.concat([picture, end])))
    const kept = Buffer.from(await (await site.get(`/images/${hash}/1600.webp`)).bytes())
    for (const word of ['script', 'PDF', 'PK']) expect(kept.includes(word)).toBe(false)
  })
})

describe('a request that is wrong', () => {
  const picture = draw('png', [12, 12])

  test('without being signed in', async () => {
    const nobody = visitor(site)
    const answer = await nobody.post('/images', form([await picture, 'a.png']))
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sign-in'])
    expect((await nobody.get('/images')).headers.get('location')).toBe('/sign-in?next=%2Fimages')
  })

  test('from another site', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    const answer = await ada.post('/images', form([await picture, 'a.png']), headers)
    expect(answer.status).toBe(403)
  })

  test.each([
    ['no field', new FormData()],
    ['an empty field, as a browser sends it', form(['', ''])],
    ['a text in its place', { image: 'picture.png' }],
  ])('%s', async (_, body) => {
    const answer = await ada.post('/images', body)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('Choose a picture first.')
  })

  test('two pictures', async () => {
    const two = form([await picture, 'a.png'], [await picture, 'b.png'])
    const answer = await ada.post('/images', two, json)
    expect(await answer.json()).toEqual({ error: 'Choose one picture, not several.' })
  })

  test('more than any form takes', async () => {
    const answer = await ada.post('/images', form([new Uint8Array(17 * 1024 * 1024), 'a.png']))
    expect(answer.status).toBe(413)
  })

  test('no form', async () => {
    expect((await ada.post('/images', {}, { ...json, 'content-type': 'text/plain' })).status).toBe(
      400,
    )
    const broken = { ...json, 'content-type': 'multipart/form-data; boundary=x' }
    expect((await ada.post('/images', { image: 'x' }, broken)).status).toBe(400)
  })

  test('more than sixty in an hour', async () => {
    const grace = await joined(site, 'Grace Hopper')
    const answers: number[] = []
    for (let count = 0; count < 61; count += 1) {
      answers.push((await grace.post('/images', form(['not one', 'a.png']), json)).status)
    }
    expect(answers.slice(0, 60).every((status) => status === 422)).toBe(true)
    expect(answers[60]).toBe(429)
  })
})

import { describe, expect, test } from 'bun:test'
import { AppError } from '#lib/errors'
import { draw, kinds, withAvifSize, withJpegSize, withPngSize } from '#testing/pictures'
import { checkoutCommand } from '#testing/program'
import { openCodec } from './codec'

const command = [...checkoutCommand, 'picture']
/** One whose process fails at once: what is refused by it was refused before. */
const withoutProcess = openCodec(['false'])

const refusal = (made: Promise<unknown>): Promise<AppError> =>
  made.then(
    () => expect.unreachable(),
    (error: unknown) => {
      if (error instanceof AppError) return error
      throw error
    },
  )

/** Memory that this process holds, in bytes, after what is left over has been given back. */
function memory(): number {
  Bun.gc(true)
  return process.memoryUsage.rss()
}

describe('a decompression bomb', () => {
  const claims = [
    ['30,000 × 30,000', 30_000, 30_000],
    ['65,535 × 65,535', 65_535, 65_535],
    ['65,535 × 1', 65_535, 1],
    ['6,400 × 6,400', 6_400, 6_400],
  ] as const
  const bombs = {
    png: async (width: number, height: number) =>
      withPngSize(await draw('png', [64, 64]), width, height),
    jpeg: async (width: number, height: number) =>
      withJpegSize(await draw('jpeg', [64, 64]), width, height),
    avif: async (width: number, height: number) =>
      withAvifSize(await draw('avif', [64, 64]), width, height),
  }
  // More than 65,500 on a side the codec of JPEG takes for damage.
  const refused = /40 megapixels|damaged/
  const rounds = 50
  const growthBytesMax = 32 * 1024 * 1024

  test.each(claims)(
    'of %s costs nothing but the reading of its header',
    async (_, width, height) => {
      for (const make of Object.values(bombs)) {
        const bomb = await make(width, height)
        expect(bomb.length).toBeLessThan(10_000)
        await refusal(withoutProcess(bomb))
        const before = memory()
        for (let round = 0; round < rounds; round += 1) {
          const { code, message } = await refusal(withoutProcess(bomb))
          expect([code, message]).toEqual(['invalid_input', expect.stringMatching(refused)])
        }
        // One of them decoded would be 160 MB and more.
        expect(memory() - before).toBeLessThan(growthBytesMax)
      }
    },
  )

  test('that says it is small is stopped in a process of its own', async () => {
    const noise = (x: number, y: number): [number, number, number] => [(x * y) & 255, x & 255, 9]
    const avif = await draw('avif', [1_200, 900], noise)
    const before = memory()
    const { message } = await refusal(openCodec(command)(withAvifSize(avif, 10, 10)))
    expect(message).toContain('damaged')
    expect(memory() - before).toBeLessThan(growthBytesMax)
  }, 60_000)
})

describe('at once', () => {
  test('one picture is decoded at a time, the others wait, and too many are sent away', async () => {
    const directory = `${import.meta.dir}/../../node_modules/.cache`
    const log = `${directory}/codec-test-${process.pid}.log`
    const script = `echo begin >> ${log}; cat > /dev/null; sleep 0.05; echo end >> ${log}; exit 1`
    const make = openCodec(['sh', '-c', script])
    const picture = await draw('png', [8, 8])
    const refusals = await Promise.all(Array.from({ length: 80 }, () => refusal(make(picture))))
    const busy = refusals.filter(({ code }) => code === 'busy')
    expect(busy.length).toBe(19)
    expect(busy[0]).toMatchObject({ status: 503 })
    const lines = (await Bun.file(log).text()).trim().split('\n')
    await Bun.file(log).delete()
    expect(lines.length).toBe(2 * 61)
    expect(lines.every((line, index) => line === (index % 2 === 0 ? 'begin' : 'end'))).toBe(true)
    expect((await refusal(make(picture))).code).toBe('invalid_input')
    await Bun.file(log).delete()
  }, 60_000)

  test('a process that dies takes its picture with it and nothing else', async () => {
    const make = openCodec(['sh', '-c', 'kill -9 $$'])
    for (const kind of kinds) {
      const { code, message } = await refusal(make(await draw(kind, [8, 8])))
      expect([code, message]).toEqual(['invalid_input', expect.stringContaining('another file')])
    }
  })
})

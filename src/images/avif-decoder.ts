import program from '@jsquash/avif/codec/dec/avif_dec.wasm' with { type: 'file' }
import decode, { init } from '@jsquash/avif/decode.js'

// What the largest picture takes, with 10 bits for each of its colours.
const memoryBytesMax = 1_000_000_000
const pageBytes = 65_536
// BITMAPFILEHEADER and BITMAPV4HEADER.
const bitmapHeadBytes = 14 + 108

/**
 * Decodes an AVIF into a BMP with transparency, which the codec of the other formats reads. To be
 * called in a process of its own: it takes long and much memory, though never more than 1 GB.
 */
export async function decodeAvif(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const compiled = await WebAssembly.compile(await Bun.file(program).arrayBuffer())
  await init({
    instantiateWasm: (
      imports: Bun.WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ) => {
      const instance = new WebAssembly.Instance(compiled, imports)
      limitMemory(instance)
      done(instance)
      return instance.exports
    },
  })
  const { data, width, height } = await decode(bytes.slice().buffer)
  return bitmap(data, width, height)
}

/** A picture that claims less than it has gets no memory for it, and is refused as damaged. */
function limitMemory({ exports }: WebAssembly.Instance): void {
  for (const memory of Object.values(exports)) {
    if (!(memory instanceof WebAssembly.Memory)) continue
    const grow = memory.grow.bind(memory)
    memory.grow = (pages) => {
      if (memory.buffer.byteLength + pages * pageBytes > memoryBytesMax) {
        throw new RangeError('the picture takes too much memory')
      }
      return grow(pages)
    }
  }
}

function bitmap(pixels: Uint8ClampedArray, width: number, height: number) {
  const file = new Uint8Array(bitmapHeadBytes + pixels.length)
  const head = new DataView(file.buffer)
  const numbers: [at: number, value: number][] = [
    [2, file.length],
    [10, bitmapHeadBytes],
    [14, 108],
    [18, width],
    // From the top down.
    [22, -height],
    // Colours by mask, red first.
    [30, 3],
    [34, pixels.length],
    [54, 0x0000_00ff],
    [58, 0x0000_ff00],
    [62, 0x00ff_0000],
    [66, 0xff00_0000],
  ]
  head.setUint16(0, 0x424d)
  for (const [at, value] of numbers) head.setInt32(at, value, true)
  head.setUint16(26, 1, true)
  head.setUint16(28, 32, true)
  file.set(pixels, bitmapHeadBytes)
  return file
}

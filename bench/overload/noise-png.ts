import { deflateSync } from 'node:zlib'
import type { Random } from '#web/pictures/random'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A small picture that there has not been before: grey dots, `side` pixels wide and high. */
export function noisePng(side: number, random: Random): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  // Eight bits of grey.
  header[8] = 8
  const rows = Buffer.alloc(side * (side + 1))
  for (let at = 0; at < rows.length; at++) {
    // Each row begins with its filter, which is none.
    rows[at] = at % (side + 1) === 0 ? 0 : random.int(0, 255)
  }
  const parts = [part('IHDR', header), part('IDAT', deflateSync(rows)), part('IEND')]
  return Buffer.concat([signature, ...parts])
}

function part(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const around = Buffer.alloc(8)
  around.writeUInt32BE(data.length, 0)
  around.writeUInt32BE(Bun.hash.crc32(named), 4)
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)])
}

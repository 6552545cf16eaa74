const newline = 0x0a
const mask = 2n ** 64n - 1n

/**
 * Counts lines and adds up their hashes, so that the same lines in another order come to the same.
 * xxHash64 is the same everywhere and in every version.
 */
export function createRowSum() {
  let rows = 0
  let bytes = 0
  let sum = 0n
  let begun: Uint8Array[] = []
  const addLine = (line: Uint8Array) => {
    rows++
    sum = (sum + Bun.hash.xxHash64(line)) & mask
  }
  return {
    /** Takes some more bytes, which may end within a line. */
    add(chunk: Uint8Array) {
      bytes += chunk.length
      let start = 0
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
        const line = chunk.subarray(start, end)
        addLine(begun.length === 0 ? line : Buffer.concat([...begun, line]))
        begun = []
        start = end + 1
      }
      if (start < chunk.length) begun.push(chunk.slice(start))
    },
    rows: () => rows,
    result: () => ({ rows, bytes, checksum: sum.toString(16).padStart(16, '0') }),
  }
}

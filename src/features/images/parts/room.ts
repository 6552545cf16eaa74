import { busy } from '#images/codec'

// What all uploads together hold in memory while they come in and wait for the codec.
const bytesAtOnceMax = 128 * 1024 * 1024
/** Of one that does not say how long it is. */
const unknownBytes = 16 * 1024 * 1024
let bytesAtOnce = 0

/** Does something with an upload of that length. Throws AppError busy without room for it. */
export async function withRoomFor<Result>(
  declared: string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const bytes = Number(declared ?? unknownBytes)
  if (bytesAtOnce + bytes > bytesAtOnceMax) throw busy()
  bytesAtOnce += bytes
  try {
    return await work()
  } finally {
    bytesAtOnce -= bytes
  }
}

import { constants, setPriority } from 'node:os'
import { encodeMade } from '#images/codec'
import { makeVariants } from '#images/variants'
import { AppError } from '#lib/errors'
import type { Runnable } from './command'

/** The process that one uploaded picture is decoded in: picture in, files of our own out. */
export const picture: Runnable = {
  usage: 'Started by a worker, not by hand.',
  run: async () => {
    // Pages come first.
    setPriority(constants.priority.PRIORITY_LOW)
    const bytes = new Uint8Array(await Bun.stdin.arrayBuffer())
    const made = await makeVariants(bytes).catch((error: unknown) => {
      if (error instanceof AppError) return { refused: error.message }
      throw error
    })
    await Bun.write(Bun.stdout, encodeMade(made))
    return 0
  },
}

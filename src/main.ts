import { commands } from '#commands/commands'
import type { Embedded } from '#embedded'
import { CommandError } from '#lib/errors'

/** The door: words → one command → an exit code. `embedded` is what the executable carries. */
export async function main(words: string[], embedded?: Embedded): Promise<void> {
  process.exitCode = await run(words, embedded)
  // Whatever a command has left open must not keep the program from ending.
  process.exit()
}

async function run(words: string[], embedded: Embedded | undefined): Promise<number> {
  try {
    const { command, args } = await commands(words)
    if (args.some((word) => word === '--help' || word === '-h')) {
      console.log(command.usage)
      return 0
    }
    return await command.run(args, { embedded })
  } catch (error) {
    if (error instanceof CommandError) {
      console.error(`jumpstarter: ${error.message}`)
      return error.exitCode
    }
    if (isSystemError(error)) {
      console.error(`jumpstarter: ${error.message}. Check the path and its permissions.`)
      return 1
    }
    console.error('jumpstarter: this should not have happened; please report it.')
    console.error(error)
    return 70
  }
}

/** A file or directory that the system refuses, which is the user's to mend. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'path' in error
}

if (import.meta.main) void main(process.argv.slice(2))

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
    const { command, args } = commands(words)
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
    console.error('jumpstarter: this should not have happened; please report it.')
    console.error(error)
    return 70
  }
}

if (import.meta.main) void main(process.argv.slice(2))

import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'
import { program } from '#version'
import { backup } from './backup'
import { bench, instrument } from './bench'
import type { Command, Runnable } from './command'
import { config } from './config'
import { doctor } from './doctor'
import { generateOf } from './generate'
import { healthcheck } from './healthcheck'
import { migrate } from './migrate'
import { openapi } from './openapi'
import { person } from './person'
import { restore } from './restore'
import { seed } from './seed'
import { serve } from './serve'
import { settle } from './settle'
import { upgradeDatabase } from './upgrade-database'
import { verify } from './verify'
import { version } from './version'
import { worker } from './worker'

/** Every command that a person may type. */
export const known: Readonly<Record<string, Command>> = {
  serve,
  migrate,
  seed,
  verify,
  settle,
  backup,
  restore,
  'upgrade-database': upgradeDatabase,
  healthcheck,
  doctor,
  config,
  generate: generateOf(() => known),
  openapi,
  person,
  bench,
  version,
}

/** What we start ourselves. */
const internal: Record<string, () => Runnable | Promise<Runnable>> = {
  worker: () => worker,
  picture: async () => (await import('./picture')).picture,
  'bench-client': async () => (await import('./bench-client')).benchClient,
}

const help: Command = {
  summary: 'show this',
  usage: '',
  run: async () => {
    console.log(`jumpstarter ${program.version}: a crowdfunding platform in one executable\n`)
    console.log('Usage: jumpstarter [COMMAND] [flags]; jumpstarter COMMAND --help for more\n')
    for (const [name, { summary }] of Object.entries({ ...known, help })) {
      console.log(`  ${name.padEnd(16)} ${summary}`)
    }
    return 0
  },
}

/** The command these words ask for. Without one, or with flags alone, that is `serve`. */
export async function commands(words: string[]): Promise<{ command: Runnable; args: string[] }> {
  const [first, ...rest] = words
  if (first === 'help' && rest[0] !== undefined) return commands([...rest, '--help'])
  if (first === '--help' || first === '-h' || first === 'help') return { command: help, args: [] }
  if (first === '--version') return { command: version, args: [] }
  if (first === undefined || first.startsWith('-')) return { command: serve, args: words }
  if (first === 'bench') return instrument(rest)
  const command = known[first] ?? (await internal[first]?.())
  if (command) return { command, args: rest }
  const near = suggest(first, Object.keys(known))
  throw new CommandError(
    `There is no command ${first}. ${near ? `Did you mean ${near}?` : 'See jumpstarter help.'}`,
    2,
  )
}

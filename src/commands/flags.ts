import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'

/**
 * Parses a command's words. Throws a CommandError (exit 2) that names the wrong flag and the one that
 * was probably meant.
 */
export function parseFlags<Options extends ParseArgsOptionsConfig>(
  command: string,
  args: string[],
  options: Options,
  positionalsMax = 0,
) {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true })
    if (parsed.positionals.length <= positionalsMax) return parsed
  } catch (error) {
    throw usageError(command, error, Object.keys(options))
  }
  const taken = positionalsMax === 0 ? 'no word' : `at most ${positionalsMax} word`
  throw new CommandError(
    `${command} takes ${taken} besides its flags. See jumpstarter ${command} --help.`,
    2,
  )
}

function usageError(command: string, error: unknown, names: string[]): CommandError {
  const message = error instanceof Error ? error.message : String(error)
  const unknown = /Unknown option '(-[^']*)'/.exec(message)?.[1]
  if (unknown === undefined) return new CommandError(`${command}: ${message}`, 2)
  const known = [...names, 'help'].map((name) => `--${name}`)
  const near = suggest(unknown, known)
  const hint = near === undefined ? `It knows ${known.join(', ')}.` : `Did you mean ${near}?`
  return new CommandError(`${command} has no flag ${unknown}. ${hint}`, 2)
}

/** What `serve` takes, and whoever asks what it would do. */
export const servingFlags = {
  listen: { type: 'string', multiple: true },
  'socket-mode': { type: 'string' },
  workers: { type: 'string' },
  data: { type: 'string' },
} as const

interface ServingValues {
  listen?: string[] | undefined
  'socket-mode'?: string | undefined
  workers?: string | undefined
  data?: string | undefined
}

/** The settings that these flags stand for. */
export const servingSettings = (values: ServingValues) => ({
  JUMPSTARTER_LISTEN: values.listen?.join(','),
  JUMPSTARTER_SOCKET_MODE: values['socket-mode'],
  JUMPSTARTER_WORKERS: values.workers,
  JUMPSTARTER_DATA: values.data,
})

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 }

/** A time such as `500ms`, `5s` or `1m` given to a flag, in milliseconds. Throws a CommandError. */
export function duration(flag: string, text: string, maxMs: number): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? []
  const ms = Math.round(Number(number) * (unitMs[unit] ?? 0))
  if (number !== '' && ms <= maxMs) return ms
  const most = `${maxMs / 60_000}m`
  throw new CommandError(
    `${flag} takes a time such as 500ms or 5s, ${most} at most, not ${text}.`,
    2,
  )
}

/** A whole number given to a flag. Throws a CommandError that names the flag and the limits. */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= min && number <= max) return number
  throw new CommandError(`${flag} takes a whole number from ${min} to ${max}, not ${text}.`, 2)
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
export type LogFields = Record<string, string | number | boolean | null | undefined>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 }

/**
 * Events go to standard error, one a line: JSON for machines, plain words on a terminal.
 * Standard output stays free for what a command was asked to print.
 */
export function createLog(level: LogLevel, base: LogFields = {}, stream = process.stderr): Log {
  const emit =
    (rank: Exclude<LogLevel, 'silent'>) =>
    (message: string, fields: LogFields = {}) => {
      if (ranks[rank] < ranks[level]) return
      const all = { ...base, ...fields }
      stream.write(stream.isTTY ? plainLine(rank, message, all) : jsonLine(rank, message, all))
    }
  return { debug: emit('debug'), info: emit('info'), warn: emit('warn'), error: emit('error') }
}

function jsonLine(level: string, message: string, fields: LogFields): string {
  return `${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`
}

function plainLine(level: string, message: string, fields: LogFields): string {
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`)
  return `${level === 'info' ? '' : `${level}: `}${message}${details.join('')}\n`
}

import { formatCount } from '#lib/text'

const barCharacters = 24
/** Where lines are written one below the other, one at least so often. */
const lineEverySeconds = 30

export interface Progress {
  /** `fraction` of the whole work is done, from 0 to 1. */
  report(what: string, fraction: number): void
  end(): void
}

/**
 * On a terminal a bar with time left, redrawn in place; elsewhere a line a step. With `rows` it
 * shows their rate.
 */
export function createProgress(title: string, rows = 0, stream = process.stderr): Progress {
  const startedAt = performance.now()
  let last = ''
  let lastLine = 0
  const outlook = (fraction: number, passed: number) => {
    if (fraction < 0.05 || fraction === 1) return ''
    const rate = formatCount(Math.round((rows * fraction) / passed))
    const left = `${Math.ceil((passed / fraction) * (1 - fraction))} s left`
    return rows > 0 ? ` · ${rate} rows/s · ${left}` : ` · ${left}`
  }
  return {
    report(what, fraction) {
      const passed = (performance.now() - startedAt) / 1000
      if (stream.isTTY) {
        const full = Math.round(fraction * barCharacters)
        const bar = '█'.repeat(full) + '░'.repeat(barCharacters - full)
        const percent = Math.round(fraction * 100)
        stream.write(`\r\u001b[K${title} ${bar} ${percent}% ${what}${outlook(fraction, passed)}`)
      } else if (what !== last || passed - lastLine > lineEverySeconds) {
        const percent = Math.round(fraction * 100)
        const line = `${title}: ${percent}% ${what} (${passed.toFixed(1)} s)`
        stream.write(`${line}${outlook(fraction, passed)}\n`)
        lastLine = passed
      }
      last = what
    },
    end() {
      const passed = ((performance.now() - startedAt) / 1000).toFixed(1)
      stream.write(`${stream.isTTY ? '\r\u001b[K' : ''}${title}: done in ${passed} s\n`)
    },
  }
}

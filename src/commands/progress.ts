const barCharacters = 24

export interface Progress {
  /** `fraction` of the whole work is done, from 0 to 1. */
  report(what: string, fraction: number): void
  end(): void
}

/** On a terminal a bar with time left, redrawn in place; elsewhere one line for each step. */
export function createProgress(title: string, stream = process.stderr): Progress {
  const startedAt = performance.now()
  let last = ''
  return {
    report(what, fraction) {
      const passed = (performance.now() - startedAt) / 1000
      if (stream.isTTY) {
        const full = Math.round(fraction * barCharacters)
        const bar = '█'.repeat(full) + '░'.repeat(barCharacters - full)
        const left =
          fraction > 0.05 ? ` · ${Math.ceil((passed / fraction) * (1 - fraction))} s left` : ''
        stream.write(`\r\u001b[K${title} ${bar} ${Math.round(fraction * 100)} % ${what}${left}`)
      } else if (what !== last) {
        stream.write(`${title}: ${Math.round(fraction * 100)} % ${what} (${passed.toFixed(1)} s)\n`)
      }
      last = what
    },
    end() {
      const passed = ((performance.now() - startedAt) / 1000).toFixed(1)
      stream.write(`${stream.isTTY ? '\r\u001b[K' : ''}${title}: done in ${passed} s\n`)
    },
  }
}

const minutes = 5

/** What makes a program of ours believe in another time, by Debian's `faketime`. */
export function fakedTime(sign: '+' | '-'): {
  environment: Record<string, string>
  problem: string | undefined
} {
  const places = new Bun.Glob('usr/lib/*/faketime/libfaketime.so.1')
  const [library] = places.scanSync({ cwd: '/', absolute: true })
  return {
    environment: {
      LD_PRELOAD: library ?? '',
      FAKETIME: `${sign}${minutes}m`,
      // Time passes as it does; only what the clock on the wall says is wrong.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    problem: library === undefined ? 'there is no faketime: apt-get install faketime' : undefined,
  }
}

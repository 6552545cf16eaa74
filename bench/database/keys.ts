// Which rows a load asks for: drawn here for our code, and written as pgbench's own expressions for
// pgbench, so that both draw from the same distribution.

/** Whole numbers from `first` to `last`, both included. */
export interface KeyRange {
  first: number
  last: number
}

/** How keys are drawn from a range. */
export interface KeySource {
  draw(): number
  /** The `\set` lines of a pgbench script that leave a key in `variable`. */
  script(variable: string): string[]
}

const hotPercent = 80
const newestShare = 0.1

/** Every key as likely as any other. */
export function uniformKeys({ first, last }: KeyRange, random = Math.random): KeySource {
  return {
    draw: () => drawBetween(first, last, random),
    script: (variable) => [`\\set ${variable} random(${first}, ${last})`],
  }
}

/** The newest tenth of the range four times out of five, and the others the fifth time. */
export function spreadKeys({ first, last }: KeyRange, random = Math.random): KeySource {
  const newest = last - Math.max(1, Math.round((last - first + 1) * newestShare)) + 1
  // A range of one has no others.
  const oldest = Math.max(first, newest - 1)
  return {
    draw: () =>
      random() * 100 < hotPercent
        ? drawBetween(newest, last, random)
        : drawBetween(first, oldest, random),
    script: (variable) => [
      '\\set percent random(1, 100)',
      `\\set ${variable} case when :percent <= ${hotPercent} then random(${newest}, ${last}) ` +
        `else random(${first}, ${oldest}) end`,
    ],
  }
}

/** Always the same one. */
export function oneKey(key: number): KeySource {
  return { draw: () => key, script: (variable) => [`\\set ${variable} ${key}`] }
}

function drawBetween(first: number, last: number, random: () => number): number {
  return first + Math.floor(random() * (last - first + 1))
}

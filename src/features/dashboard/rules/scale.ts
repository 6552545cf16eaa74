const steps = [1, 2, 2.5, 5, 10]
const ticksWanted = 4

/**
 * Round numbers from 0 to `most` or just above, about four: the last one is the top of the scale.
 * All are whole.
 */
export function niceTicks(most: number): number[] {
  const least = Math.max(most, 1) / ticksWanted
  const power = 10 ** Math.floor(Math.log10(least))
  const step = steps.find((one) => one * power >= least) ?? 1
  const whole = Math.ceil(step * power)
  const count = Math.max(1, Math.ceil(most / whole))
  return Array.from({ length: count + 1 }, (_, tick) => tick * whole)
}

/** Which of so many days get a label: evenly, the first and the last among them. */
export function labelledDays(days: number, labelsMax: number): number[] {
  const count = Math.min(days, labelsMax)
  if (count < 2) return days === 0 ? [] : [0]
  const places = Array.from({ length: count }, (_, n) => Math.round((n * (days - 1)) / (count - 1)))
  return [...new Set(places)]
}

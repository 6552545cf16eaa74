import { type FamilyName, families, type Report } from './families'

/** The figures of this process. */
export interface Meter {
  /** To be held by whoever counts: the first element is the count. */
  counter(family: FamilyName, ...labels: string[]): Float64Array
  histogram(family: FamilyName, ...labels: string[]): Histogram
  /** Asked whenever figures are told; undefined: there is nothing to tell. */
  gauge(family: FamilyName, labels: string[], read: () => number | undefined): void
  /** Called before figures are told. */
  beforeReport(prepare: () => void): void
  report(): Report
}

export interface Histogram {
  observe(value: number, times?: number): void
}

export function createMeter(): Meter {
  const series = new Map<string, [FamilyName, string[], Float64Array]>()
  const gauges: [FamilyName, string[], () => number | undefined][] = []
  const preparations: (() => void)[] = []

  function valuesOf(family: FamilyName, labels: string[]): Float64Array {
    const key = `${family}\n${labels.join('\n')}`
    const known = series.get(key)
    if (known) return known[2]
    const { bounds } = families[family]
    // One for infinity, one for the sum.
    const values = new Float64Array(bounds ? bounds.length + 2 : 1)
    series.set(key, [family, labels, values])
    return values
  }

  return {
    counter: (family, ...labels) => valuesOf(family, labels),
    histogram: (family, ...labels) => histogramOf(valuesOf(family, labels), family),
    gauge: (...gauge) => gauges.push(gauge),
    beforeReport: (prepare) => preparations.push(prepare),
    report: () => {
      for (const prepare of preparations) prepare()
      const report: Report = []
      for (const [family, labels, values] of series.values()) {
        report.push([family, labels, [...values]])
      }
      for (const [family, labels, read] of gauges) {
        const value = read()
        if (value !== undefined) report.push([family, labels, [value]])
      }
      return report
    },
  }
}

function histogramOf(values: Float64Array, family: FamilyName): Histogram {
  const bounds = families[family].bounds ?? []
  const sum = bounds.length + 1
  return {
    observe: (value, times = 1) => {
      let place = 0
      while (place < bounds.length && value > (bounds[place] as number)) place++
      values[place] = (values[place] as number) + times
      values[sum] = (values[sum] as number) + value * times
    },
  }
}

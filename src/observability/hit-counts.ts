import type { Meter } from './meter'

/** Counts by route, from which the histograms are filled whenever figures are told. */
export function countHits(meter: Meter) {
  const byRoute = new Map<string, Float64Array>()
  const fine = meter.histogram('request_fine')
  let samples: number[] = []
  let mean = 0

  function fill(route: string, counts: Float64Array): number {
    const [whole = 0, known = 0] = counts
    counts.fill(0)
    for (const [status, times] of [['200', whole] as const, ['304', known] as const]) {
      if (times === 0) continue
      const labels = ['GET', route, status]
      meter.histogram('http_server_request_duration_seconds', ...labels).observe(mean, times)
    }
    return whole + known
  }

  meter.beforeReport(() => {
    if (samples.length > 0) mean = samples.reduce((sum, each) => sum + each, 0) / samples.length
    let times = 0
    for (const [route, counts] of byRoute) times += fill(route, counts)
    // Each that was timed stands for those that were not.
    const stands = samples.length > 0 ? samples : [mean]
    if (times > 0) for (const seconds of stands) fine.observe(seconds, times / stands.length)
    samples = []
  })
  return {
    of: (route: string): Float64Array => {
      const known = byRoute.get(route) ?? new Float64Array(2)
      byRoute.set(route, known)
      return known
    },
    time: (seconds: number) => void samples.push(seconds),
  }
}

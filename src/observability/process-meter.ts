import type { Meter } from './meter'

const lookEveryMs = 100

/** Tells of the process itself, as this worker of the host; the result ends it. */
export function meterProcess(meter: Meter, worker: number): () => void {
  const name = String(worker)
  const user = meter.counter('process_cpu_time_seconds', name, 'user')
  const system = meter.counter('process_cpu_time_seconds', name, 'system')
  meter.beforeReport(() => {
    const used = process.cpuUsage()
    user[0] = used.user / 1e6
    system[0] = used.system / 1e6
  })
  meter.gauge('process_memory_usage_bytes', [name], () => process.memoryUsage.rss())
  const delay = meter.histogram('jumpstarter_event_loop_delay_seconds', name)
  let dueAt = performance.now() + lookEveryMs
  const timer = setInterval(() => {
    const now = performance.now()
    delay.observe(Math.max(0, now - dueAt) / 1000)
    dueAt = now + lookEveryMs
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

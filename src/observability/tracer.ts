import type { RequestEvent } from './request-event'

/** Tells a collector of requests. */
export interface Tracer {
  /** `ms` is how long it took; what is not sampled is passed over. */
  tell(event: RequestEvent, about: Answered, ms: number): void
  /** Sends what waits, once. */
  close(): Promise<void>
}

export interface Answered {
  method: string
  route: string
  status: number
}

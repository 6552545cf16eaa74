import { sendsFile } from '#lib/negotiation'
import { idleTimeoutSeconds } from './listeners'

export interface BodyDeadlines {
  /** Of forms and JSON, which have 256 KB at most. */
  textSeconds: number
  /** Of pictures, 16 MB at most. */
  fileSeconds: number
  /** Of the connection when it has been answered: that of the listener. */
  idleSeconds: number
}

const usual = { textSeconds: 30, fileSeconds: 240, idleSeconds: idleTimeoutSeconds }

/**
 * Whoever sends a body byte by byte is cut off at its deadline, so that a thousand of them hold
 * neither memory nor a place. Bun's own idle timeout ends a body too, but has to be longer than the
 * keep-alive of any proxy; and what is set for a request stays with its connection, so the result
 * gives the connection its own time back. Headers have no deadline in Bun, and no way to give them
 * one: a proxy in front has. Undefined where there is no body.
 */
export function startBodyDeadline(
  request: Request,
  server: Pick<Bun.Server<unknown>, 'timeout'>,
  { textSeconds, fileSeconds, idleSeconds }: BodyDeadlines = usual,
): (() => void) | undefined {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  server.timeout(request, sendsFile(request) ? fileSeconds : textSeconds)
  return () => server.timeout(request, idleSeconds)
}

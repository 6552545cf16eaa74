import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { isPublicAddress } from '#lib/public-address'
import { answerCharactersMax, answerDeadlineMs } from '../rules/sending'

/** What came of sending: an answer, or why there was none. */
export type Sent = { status: number; answer: string } | { problem: string }

interface Place {
  address: string
  family: number
}

/**
 * Posts a body to an address of somebody's choice. Unless `anywhere`, that may be none inside a
 * network: the name is looked up once, and the connection goes to what was checked. Redirects are
 * answers like others. It takes `answerDeadlineMs` at most and reads the beginning of the answer.
 */
export async function send(
  target: string,
  body: string,
  headers: Record<string, string>,
  anywhere: boolean,
): Promise<Sent> {
  const signal = AbortSignal.timeout(answerDeadlineMs)
  try {
    const url = new URL(target)
    const places = await placesOf(url.hostname.replace(/^\[|\]$/g, ''), signal)
    if (!anywhere && !places.every(({ address }) => isPublicAddress(address))) {
      return { problem: 'The address leads into a private network, where we send nothing.' }
    }
    return await post(url, places, body, headers, signal)
  } catch (error) {
    if (signal.aborted) return { problem: `No answer within ${answerDeadlineMs / 1000} seconds.` }
    return { problem: sentenceOf(error) }
  }
}

async function placesOf(host: string, signal: AbortSignal): Promise<Place[]> {
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family }]
  const late = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => late.reject(signal.reason), { once: true })
  return await Promise.race([lookup(host, { all: true }), late.promise])
}

function post(
  url: URL,
  places: Place[],
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Sent> {
  const { promise, resolve, reject } = Promise.withResolvers<Sent>()
  const { request } = url.protocol === 'http:' ? http : https
  const asked = request(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    agent: false,
    signal,
    lookup: (_host, options, found) => {
      const [first] = places
      if (options.all || !first) found(null, places)
      else found(null, first.address, first.family)
    },
  })
  asked.on('error', reject)
  asked.on('response', (response) => {
    let answer = ''
    const done = () => {
      resolve({ status: response.statusCode ?? 0, answer: answer.slice(0, answerCharactersMax) })
      asked.destroy()
    }
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      answer += chunk
      if (answer.length >= answerCharactersMax) done()
    })
    response.on('end', done)
    response.on('error', reject)
  })
  asked.end(body)
  return promise
}

const sentences: Record<string, string> = {
  ENOTFOUND: 'There is no such host.',
  EAI_AGAIN: 'The host could not be looked up.',
  ECONNREFUSED: 'Nobody takes connections there.',
  ConnectionRefused: 'Nobody takes connections there.',
  ECONNRESET: 'The connection was closed before an answer.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another host.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is signed by nobody we know.',
  CERT_HAS_EXPIRED: 'The certificate has expired.',
}

function sentenceOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return sentences[code] ?? `The connection failed${code ? ` (${code})` : ''}.`
}

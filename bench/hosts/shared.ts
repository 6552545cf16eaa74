import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { paths } from '#web/paths'
import { addSignedIn, sessionOf } from '../pledges/people'
import type { AppHost } from './apps'
import type { Promised, Trial } from './promised'

const uploadsPerEffort = 3
const side = 64
const patienceMs = 60_000
/** Mails that somebody at one address may ask for, as the routes have it. */
const mailsPerAddress = 20
const mailsPerAccount = 4
const beyond = 10

interface Answer {
  status: number
  bytes: Buffer
}

interface Question {
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: Uint8Array | string
}

/** Asks one host, for what may be no text. */
function ask(host: AppHost, path: string, { method = 'GET', headers = {}, body }: Question = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const signal = AbortSignal.timeout(patienceMs)
    const options = { ...host.address, path, method, headers, agent: false as const, signal }
    const call = request(options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      const status = response.statusCode ?? 0
      response.on('end', () => resolve({ status, bytes: Buffer.concat(parts) }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** A limit is one for all hosts: whoever goes from one to the next gets no more of it. */
export async function proveLimits({ rig, hosts }: Trial): Promise<Promised> {
  await rig.db.$client`delete from rate_limits`
  const tries = mailsPerAddress + beyond
  let taken = 0
  const violations: string[] = []
  for (let index = 0; index < tries; index++) {
    const host = hosts[index % hosts.length] as AppHost
    // Below the limit of one account.
    const account = Math.floor(index / mailsPerAccount)
    const { status } = await ask(host, paths.reset(), {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
      },
      body: `email=nobody${account}@bench.example`,
    })
    if (status === 200) taken++
    else if (status !== 429) violations.push(`answered with ${status}`)
  }
  if (taken !== mailsPerAddress) violations.push(`${taken} taken, ${mailsPerAddress} are the limit`)
  await rig.db.$client`delete from rate_limits`
  return {
    id: 'rate limits',
    title: 'Whoever goes from host to host gets no more than the limit of one',
    ...{ tried: tries, violations },
  }
}

/** A picture that was uploaded to one host is there at all. */
export async function proveUploads(
  { rig, hosts, effort, signal }: Trial,
  storage: string,
): Promise<Promised> {
  const session = sessionOf((await addSignedIn(rig.db, 1)).first)
  const count = uploadsPerEffort * effort
  const violations: string[] = []
  for (let index = 0; index < count; index++) {
    signal.throwIfAborted()
    const host = hosts[index % hosts.length] as AppHost
    const answer = await upload(host, session)
    if (answer.status !== 200) {
      violations.push(`${host.machine.name} answered an upload with ${answer.status}`)
      continue
    }
    const { url } = JSON.parse(answer.bytes.toString()) as { url: string }
    const shown = await Promise.all(hosts.map((each) => ask(each, url)))
    const seen = new Set(shown.map(({ status, bytes }) => `${status} ${digest(bytes)}`))
    if (seen.size > 1 || shown[0]?.status !== 200) {
      violations.push(`${url}: ${shown.map(({ status }) => status).join(' and ')}`)
    }
  }
  return {
    id: `uploads in ${storage}`,
    title: `A picture uploaded to one host, kept in ${storage}, is the same at all at once`,
    ...{ tried: count, violations },
  }
}

async function upload(host: AppHost, session: string): Promise<Answer> {
  const form = new FormData()
  form.append('image', new File([await noise()], 'noise.png', { type: 'image/png' }))
  const encoded = new Response(form)
  return await ask(host, paths.images(), {
    method: 'POST',
    headers: {
      'content-type': encoded.headers.get('content-type') ?? '',
      'sec-fetch-site': 'same-origin',
      accept: 'application/json',
      cookie: `session=${session}`,
    },
    body: await encoded.bytes(),
  })
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Another picture each time. */
async function noise(): Promise<Uint8Array<ArrayBuffer>> {
  const headerBytes = 54
  const file = Buffer.alloc(headerBytes + side * side * 3)
  crypto.getRandomValues(file.subarray(headerBytes))
  file.write('BM', 0, 'latin1')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(headerBytes, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(side, 18)
  file.writeInt32LE(side, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(24, 28)
  return new Uint8Array(await new Bun.Image(file).png().bytes())
}

import { apiRoot } from '#http/api'
import { paths } from '#web/paths'
import type { Random } from '#web/pictures/random'
import { type BackOrder, pledgeOf } from '../pledges/client'
import { type SignedIn, tokenOf } from '../pledges/people'
import type { Answer } from '../sockets/answer'
import { noisePng } from './noise-png'

/** What visitors do. */
export const kinds = ['kept', 'made', 'sign_in', 'pledge', 'upload', 'watch'] as const
export type Kind = (typeof kinds)[number]

/** In words, for tables. */
export const kindTitles: Record<Kind, string> = {
  kept: 'pages from memory',
  made: 'pages made anew',
  sign_in: 'sign-ins',
  pledge: 'pledges',
  upload: 'uploads',
  watch: 'live updates',
}

/** What there is to ask for. */
export interface Site {
  /** The origin that the site believes to have. */
  origin: string
  /** Of pages that everybody asks for. */
  hotPaths: string[]
  /** Of pages that hardly anybody asks for twice, of which there are more than memory holds. */
  rare: { words: string[]; people: number }
  projects: readonly number[]
  rewards: readonly number[]
  /** Everybody backs once, and signs in with this password. */
  people: SignedIn
  password: string
}

export interface Request {
  bytes: Uint8Array
  isRight(answer: Answer): boolean
  /** It is a stream, which is left after so long. */
  holdMs?: number
  /** `isRight` reads the body. */
  readsBody?: boolean
}

const watchMs = { min: 2_000, max: 20_000 }
const uploadSide = 24

/** Draws requests of each kind, each of somebody else. */
export function createRequests(site: Site, random: Random): (kind: Kind) => Request {
  const host = new URL(site.origin).host
  const encoder = new TextEncoder()
  let asked = 0
  let pledged = 0
  let signedIn = 0
  let uploaded = 0

  // A site has visitors from everywhere; a proxy tells from where.
  const address = () => {
    asked += 1
    return `10.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`
  }
  const head = (line: string, more: Record<string, string> = {}) =>
    [
      `${line} HTTP/1.1`,
      `Host: ${host}`,
      `X-Forwarded-For: ${address()}`,
      'Accept-Encoding: gzip',
      ...Object.entries(more).map(([name, value]) => `${name}: ${value}`),
      '\r\n',
    ].join('\r\n')
  const { rare } = site
  // Of so many that hardly any is asked for twice, and found in memory.
  const rarePaths = [
    () => paths.search({ q: `${random.pick(rare.words)} ${random.pick(rare.words)}` }),
    () => paths.person({ id: random.int(1, rare.people) }),
  ]
  const get = (path: string): Request => ({
    bytes: encoder.encode(head(`GET ${path}`)),
    isRight: ({ status }) => status === 200,
  })

  const draw: Record<Kind, () => Request> = {
    kept: () => get(random.pick(site.hotPaths)),
    made: () => get(random.pick(rarePaths)()),
    sign_in: () => {
      const person = site.people.first + (signedIn++ % site.people.count)
      const email = `backer${person}@bench.example`
      const body = new URLSearchParams({ email, password: site.password }).toString()
      const headers = {
        'Sec-Fetch-Site': 'same-origin',
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': String(body.length),
      }
      return {
        bytes: encoder.encode(head(`POST ${paths.signIn()}`, headers) + body),
        isRight: ({ status, head }) => status === 303 && /^set-cookie: session=./im.test(head),
      }
    },
    pledge: () => {
      const { projects, rewards, people, origin } = site
      const order = { projects, rewards, people, origin, way: 'api', from: 0 } as BackOrder
      const { request, isRight } = pledgeOf(order, pledged++)
      return { bytes: encoder.encode(request), isRight, readsBody: true }
    },
    upload: () => {
      const person = site.people.first + (uploaded++ % site.people.count)
      const picture = noisePng(uploadSide, random)
      const headers = {
        Authorization: `Bearer ${tokenOf(person)}`,
        'Content-Type': 'image/png',
        'Content-Length': String(picture.length),
      }
      const start = encoder.encode(head(`POST ${apiRoot}/images`, headers))
      const isRight = ({ status }: Answer) => status === 201
      return { bytes: Buffer.concat([start, picture]), isRight }
    },
    watch: () => ({
      ...get(paths.projectLive({ id: random.pick(site.projects) })),
      holdMs: random.int(watchMs.min, watchMs.max),
    }),
  }
  return (kind) => draw[kind]()
}

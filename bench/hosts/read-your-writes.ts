import { paths } from '#web/paths'

/** Asks one host. */
export type Ask = (path: string, init: RequestInit) => Promise<Response>

/** Somebody who is signed in. */
export interface Member {
  id: number
  /** `session=…`, or `__Host-session=…` of a site with TLS. */
  cookie: string
}

export interface PairsWanted {
  /** Two at least: each request goes to the next. */
  hosts: readonly Ask[]
  /** Each writes; as many others watch what they write. */
  writers: readonly Member[]
  watchers: readonly Member[]
  /** In all. */
  pairs: number
  /** After so many pairs in all, so that replicas may catch up with some of them. */
  pauseMs?: (pairs: number) => number
  /** Members that throw away what tells how far they have come: a control, which must fail. */
  forgetful?: boolean
  signal?: AbortSignal
}

export interface PairsDone {
  pairs: number
  reads: number
  /** Reads whose answer names a replica as its source. */
  fromReplicas: number
  /** A sentence for each read that did not show what its reader had written before. */
  unread: string[]
  /** The same for each that showed less than its reader had been shown before. */
  backwards: string[]
  /** The same for each answer that was none. */
  failed: string[]
}

const readsPerWrite = 2
const watchEveryMs = 20
const isFromReplica = /^[0-9a-f]+\.[0-9a-z]+\./

/** Writes and reads, each by another host, and counts who missed their own write or went back. */
export async function checkReadYourWrites(wanted: PairsWanted): Promise<PairsDone> {
  const { writers, watchers, pairs, pauseMs = () => 0, signal } = wanted
  const done: PairsDone = {
    ...{ pairs: 0, reads: 0, fromReplicas: 0, unread: [], backwards: [], failed: [] },
  }
  const nextHost = takingTurns(wanted.hosts)
  const browse = (member: Member) => browser(member, nextHost, wanted.forgetful ?? false)
  let left = pairs
  let writing = true

  const write = async (writer: Member) => {
    const own = browse(writer)
    let seen = 0
    // Above all that an earlier run may have left; a write takes longer than a millisecond.
    for (let version = Date.now(); left > 0; version++) {
      signal?.throwIfAborted()
      left -= 1
      if (!(await change(own, writer, version, done))) continue
      for (let index = 0; index < readsPerWrite; index++) {
        seen = await read(own, writer, { written: version, seen }, done)
      }
      done.pairs += 1
      await Bun.sleep(pauseMs(done.pairs))
    }
  }

  const watch = async (watcher: Member, writer: Member) => {
    const own = browse(watcher)
    for (let seen = 0; writing; await Bun.sleep(watchEveryMs)) {
      seen = await read(own, writer, { written: 0, seen }, done)
    }
  }

  const watching = Promise.all(
    watchers.map((watcher, index) => watch(watcher, writers[index % writers.length] as Member)),
  )
  try {
    await Promise.all(writers.map(write))
  } finally {
    writing = false
    await watching
  }
  return done
}

/** Writes this version into the profile; returns whether it was taken. */
async function change(own: Browser, writer: Member, version: number, done: PairsDone) {
  const profile = { name: `Member ${writer.id}`, bio: `stand-${version}-` }
  const body = new URLSearchParams({ ...profile, city: '', state: '', country: '' })
  const headers = { 'sec-fetch-site': 'same-origin' }
  const answer = await own.ask(paths.settings(), { method: 'POST', body, headers })
  await answer.body?.cancel()
  if (answer.status === 303) return true
  done.failed.push(`a write of person ${writer.id} answered ${answer.status}`)
  return false
}

/** Reads the page of a person; returns the latest version its reader has seen. */
async function read(
  reader: Browser,
  person: Member,
  { written, seen }: { written: number; seen: number },
  done: PairsDone,
): Promise<number> {
  const answer = await reader.ask(paths.person(person))
  const shown = Number(/stand-(\d+)-/.exec(await answer.text())?.[1] ?? 0)
  done.reads += 1
  if (isFromReplica.test(reader.jar.get('seen') ?? '')) done.fromReplicas += 1
  const who = `of person ${person.id}`
  if (answer.status !== 200) done.failed.push(`a page ${who} answered ${answer.status}`)
  else if (shown < written) done.unread.push(`${shown} ${who}, who had written ${written}`)
  else if (shown < seen) done.backwards.push(`${shown} ${who}, of whom ${seen} had been shown`)
  return Math.max(shown, seen)
}

function takingTurns(hosts: readonly Ask[]): () => Ask {
  let turn = 0
  return () => hosts[turn++ % hosts.length] as Ask
}

type Browser = ReturnType<typeof browser>

/** Keeps its cookies, whose names may say that they are of this host alone, and asks in turn. */
function browser(member: Member, nextHost: () => Ask, forgetful: boolean) {
  const [, prefix = '', session = '', token = ''] =
    /^(__Host-)?([^=]+)=(.*)$/.exec(member.cookie) ?? []
  const jar = new Map([[session, token]])
  return {
    jar,
    ask: async (path: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      const kept = forgetful ? [...jar].slice(0, 1) : [...jar]
      headers.set('cookie', kept.map(([name, value]) => `${prefix}${name}=${value}`).join('; '))
      const answer = await nextHost()(path, { ...init, headers, redirect: 'manual' })
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^(?:__Host-)?([^=]+)=([^;]*)/.exec(line) ?? []
        jar.set(name, value)
      }
      return answer
    },
  }
}

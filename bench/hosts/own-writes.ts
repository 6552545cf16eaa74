import { closeDb, type Db, openDb } from '#db/client'
import { addSignedIn, sessionOf } from '../pledges/people'
import type { AppHost } from './apps'
import type { Promised, Trial } from './promised'
import { type Ask, checkReadYourWrites, type Member, type PairsDone } from './read-your-writes'

const writersCount = 8
/** How far the replica is held behind. */
const behindSeconds = 2
const pauseMsMax = 60
/** Every so often a writer waits until the replica may have caught up. */
const longPauseEvery = 20
const longPauseMs = (behindSeconds + 1) * 1000

/**
 * Members write at one host and read at the others, from a replica that is two seconds behind:
 * nobody misses their own write, and nobody is shown less than they were shown before.
 */
export async function proveOwnWrites({ rig, hosts, pairs, signal }: Trial): Promise<Promised[]> {
  const writers = await members(rig.db, writersCount)
  const watchers = await members(rig.db, writersCount)
  const replica = openDb(rig.databases.replica.url, { max: 1, applicationName: 'bench hosts' })
  try {
    await holdBack(replica, `${behindSeconds}s`)
    const done = await checkReadYourWrites({
      ...{ hosts: hosts.map(askOf), writers, watchers, pairs, signal },
      pauseMs: (pair) => (pair % longPauseEvery === 0 ? longPauseMs : Math.random() * pauseMsMax),
    })
    return [ownOf(done), monotonicOf(done)]
  } finally {
    await holdBack(replica, '0')
    await closeDb(replica, 1)
  }
}

const ownOf = ({ pairs, unread, failed }: PairsDone): Promised => ({
  id: 'read your writes',
  title: `Nobody misses their own write, with a replica held ${behindSeconds} s behind`,
  ...{ tried: pairs, violations: [...failed, ...unread] },
})

const monotonicOf = ({ reads, fromReplicas, backwards }: PairsDone): Promised => ({
  id: 'monotonic reads',
  title: 'Nobody is shown less than they were shown before, whichever host and replica answers',
  tried: reads,
  violations: [
    ...backwards,
    ...(fromReplicas > 0 ? [] : ['no read came from the replica, so that nothing was tried']),
  ],
})

async function members(db: Db, count: number): Promise<Member[]> {
  const { first } = await addSignedIn(db, count)
  return Array.from({ length: count }, (_, index) => ({
    ...{ id: first + index, cookie: `session=${sessionOf(first + index)}` },
  }))
}

const askOf =
  ({ origin }: AppHost): Ask =>
  (path, init) =>
    fetch(origin + path, init)

/** The replica goes on this much later. */
async function holdBack({ $client }: Db, delay: string): Promise<void> {
  await $client.unsafe(`alter system set recovery_min_apply_delay = '${delay}'`)
  await $client`select pg_reload_conf()`
}

import type { Db } from '#db/client'
import type { Random } from '#web/pictures/random'
import type { Fleet, Site } from './fleet'
import type { TestRedis } from './redis'

/** Something bad that happens to a host and is over when it resolves. */
export type Fault = (site: Site, random: Random) => Promise<void>

type Faults = Record<string, Fault>

/** Changes something, so that whoever does not hear of it has missed it. */
type Meanwhile = (random: Random) => Promise<unknown>

const reconnectMs = 1_000

/** To the connection on which a host hears of changes. */
export function listenerFaults(meanwhile: Meanwhile): Faults {
  const hangFor = (least: number, most: number): Fault => {
    return async ({ changes }, random) => {
      changes.hang()
      await Promise.all([Bun.sleep(random.int(least, most)), meanwhile(random)])
      changes.goOn()
    }
  }
  return {
    'changes stall': hangFor(600, 880),
    'changes hang': hangFor(1_500, 2_600),
    'changes are late': async ({ changes }, random) => {
      changes.delayMs = random.int(50, 800)
      await Promise.all([Bun.sleep(1_000), meanwhile(random)])
      changes.delayMs = 0
    },
    'changes are refused': async ({ changes }, random) => {
      changes.refuses = true
      changes.cut()
      await Promise.all([Bun.sleep(1_000), meanwhile(random)])
      changes.refuses = false
    },
  }
}

/** To the database and the hosts themselves. */
export function databaseFaults(db: Db, meanwhile: Meanwhile): Faults {
  return {
    'a listener is ended': async (_, random) => {
      await db.$client`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'jumpstarter changes' and datname = current_database()
        limit ${random.int(1, 2)}`
      await meanwhile(random)
    },
    'pages take long': async (_, random) => {
      const table = random.pick(['people', 'reward_items'])
      await db.$client.begin(async (tx) => {
        await tx.unsafe(`lock table ${table} in access exclusive mode`)
        await Bun.sleep(200)
        await meanwhile(random)
        await Bun.sleep(1_200)
      })
    },
    'the host is opened anew': (site) => site.restart(),
  }
}

/** To all of a host's connections to the database but the one on which it hears of changes. */
export const poolFaults: Faults = {
  'the database is cut off': async (site, random) => {
    site.cutUntil = Number.POSITIVE_INFINITY
    site.pool.refuses = true
    site.pool.cut()
    await Bun.sleep(random.int(100, 600))
    site.pool.refuses = false
    site.cutUntil = performance.now() + reconnectMs
  },
}

export function redisFaults(redis: TestRedis, { cache }: Fleet): Faults {
  return {
    'Redis is gone': async (_, random) => {
      await redis.kill()
      await Bun.sleep(random.int(0, 500))
      await redis.start()
    },
    'Redis hangs': async (_, random) => {
      redis.signal('SIGSTOP')
      await Bun.sleep(random.int(50, 600))
      redis.signal('SIGCONT')
    },
    'Redis is slow': async (_, random) => {
      cache.delayMs = random.int(2, 30)
      await Bun.sleep(500)
      cache.delayMs = 0
    },
    'Redis is emptied': async () => {
      for (let time = 0; time < 5; time++) await redis.command('flushall')
    },
  }
}

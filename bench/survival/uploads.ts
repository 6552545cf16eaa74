import type { Db } from '#db/client'
import type { Scene, Seen } from './deeds'
import { newPicture } from './full-disk'

const thinkMs = 100
const patienceMs = 15_000

/** Sends a picture that nobody has had before. */
async function upload({ server, member }: Scene): Promise<Seen> {
  const at = performance.now()
  const body = new FormData()
  body.set('image', new Blob([newPicture()], { type: 'image/png' }), 'picture.png')
  const answer = await fetch(`${server.origin}/images`, {
    ...{ method: 'POST', body, signal: AbortSignal.timeout(patienceMs) },
    headers: {
      ...{ cookie: member.cookie, 'sec-fetch-site': 'same-origin', accept: 'application/json' },
    },
  }).catch(() => undefined)
  await answer?.text()
  const status = answer?.status ?? 0
  return {
    ...{ at, ms: performance.now() - at, status, isGood: status === 200, isOld: false },
    ...{ saysWhen: status === 503 || status === 507, wasKept: false },
  }
}

/** One picture after the other, until they are stopped. */
export function startUploads(scene: Scene) {
  const seen: Seen[] = []
  let running = true
  const work = (async () => {
    while (running) {
      seen.push(await upload(scene))
      await Bun.sleep(thinkMs)
    }
  })()
  return {
    seen,
    /** Waits until one that was begun after that moment has been refused, at most so long. */
    refused: async (since: number, ms: number) => {
      const deadline = performance.now() + ms
      const isOne = ({ at, saysWhen }: Seen) => at >= since && saysWhen
      while (!seen.some(isOne) && performance.now() < deadline) await Bun.sleep(thinkMs)
    },
    stop: async () => {
      running = false
      await work
    },
  }
}

/** Pictures that somebody was told are kept and are not, or the reverse. */
export async function lostPictures(
  db: Db,
  before: number,
  seen: readonly Seen[],
): Promise<string[]> {
  const kept = seen.filter(({ isGood }) => isGood).length
  const now = await countPictures(db)
  return now - before === kept ? [] : [`${now - before} pictures instead of ${kept} are kept`]
}

/** Those whose files are there. */
export async function countPictures(db: Db): Promise<number> {
  const [row] = await db.$client<{ count: number }[]>`
    select count(distinct hash)::int as count from images join image_files using (hash)`
  return row?.count ?? 0
}

import { makeZip } from 'client-zip'
import type { Deps } from '#deps'
import { describeError } from '#lib/errors'
import { imageWidths } from '#lib/image-widths'
import { listOwn, type OwnRow } from './reads/downloads'
import { type Kind, kinds } from './reads/kinds'
import { chunkRows } from './rules'

type Needed = Pick<Deps, 'db' | 'images' | 'now' | 'log'>

/**
 * Everything that is kept of a person as a ZIP: a JSON file for each kind of thing, and their
 * pictures. It is made while it is read, a few rows at a time, however much there is.
 */
export function archiveOf(deps: Needed, personId: number): ReadableStream<Uint8Array> {
  const reader = makeZip(filesOf(deps, personId)).getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        // The answer has begun: nobody else would hear of it.
        deps.log.error('a download broke off', { personId, error: describeError(error) })
        throw error
      }
    },
    // Whoever stops reading has done nothing wrong; the library throws it back.
    cancel: () => reader.cancel().catch(() => {}),
  })
}

async function* filesOf(deps: Needed, personId: number) {
  const lastModified = deps.now()
  for (const kind of kinds) {
    yield { name: `${kind.name}.json`, lastModified, input: jsonOf(deps, kind, personId) }
  }
  const pictures = kinds.find(({ name }) => name === 'pictures')
  if (!pictures) return
  for await (const { hash } of rowsOf(deps, pictures, personId)) {
    const widest = imageWidths.at(-1) ?? 0
    const input = await deps.images.storage.find(deps.db, String(hash), widest)
    if (input) yield { name: `pictures/${hash}.webp`, lastModified, input }
  }
}

/** An array, a row on a line. */
async function* jsonOf(deps: Needed, kind: Kind, personId: number): AsyncGenerator<string> {
  let before = '[\n'
  for await (const row of rowsOf(deps, kind, personId)) {
    yield before + JSON.stringify(row)
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

async function* rowsOf({ db }: Needed, kind: Kind, personId: number): AsyncGenerator<OwnRow> {
  let last: OwnRow | undefined
  do {
    const rows: OwnRow[] = await listOwn(db, kind, personId, last)
    yield* rows
    last = rows.length === chunkRows ? rows.at(-1) : undefined
  } while (last)
}

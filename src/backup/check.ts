import { CommandError } from '#lib/errors'
import type { Manifest } from './manifest'
import { openBackup } from './read'

type OnProgress = (what: string, fraction: number, rows: number) => void

/** Reads all of a backup. Returns what is wrong with it; throws when it cannot be opened. */
export async function checkBackup(
  path: string,
  onProgress: OnProgress,
): Promise<{ manifest: Manifest; wrong: string[] }> {
  const backup = await openBackup(path)
  const { manifest, bytes } = backup
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  const wrong: string[] = []
  let before = 0
  try {
    for (const table of manifest.tables) {
      const report = (done: number) => onProgress(table.name, (before + done) / bytes, rows)
      await backup.readTable(table, drain, report).catch((error) => {
        if (!(error instanceof CommandError)) throw error
        wrong.push(error.message)
      })
      before += table.part.bytes
    }
  } finally {
    await backup.close()
  }
  return { manifest, wrong }
}

async function drain(lines: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of lines);
}

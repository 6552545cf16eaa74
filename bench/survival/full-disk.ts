import { closeSync, openSync, writeSync } from 'node:fs'
import { chown, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { CommandError, errorCode } from '#lib/errors'
import type { Rig } from './rig'

// Pictures lie in Postgres. Their table is moved to a disk of its own, a few megabytes in memory,
// and the rest of that is filled: what is written to it then fails as on any disk.

const diskMegabytes = 16
const chunkBytes = 65_536
const table = 'image_files'
const space = 'bench_survival'

export interface FullDisk {
  makeRoom(): Promise<void>
}

/** Why there can be no such disk; undefined where there can. */
export const diskProblem = (): string | undefined =>
  process.getuid?.() === 0 && Bun.which('mount')
    ? undefined
    : 'a disk of a few megabytes is mounted for it, which takes root'

/** Moves the pictures there and leaves no room. */
export async function fillDisk({ db, directory }: Rig): Promise<FullDisk> {
  const mount = join(directory, 'disk')
  const place = join(mount, 'pictures')
  await mkdir(mount)
  await must(['mount', '-t', 'tmpfs', '-o', `size=${diskMegabytes}m,mode=755`, 'tmpfs', mount])
  const [row] = await db.$client<{ path: string }[]>`
    select current_setting('data_directory') as path`
  const owner = await stat(row?.path ?? '')
  const makePlace = async () => {
    await mkdir(place, { mode: 0o700 })
    await chown(place, owner.uid, owner.gid)
  }
  await makePlace()
  await db.$client.unsafe(`create tablespace ${space} location '${place}'`)
  await db.$client.unsafe(`alter table ${table} set tablespace ${space}`)
  const filler = join(mount, 'filler')
  writeUntilFull(filler)
  return {
    makeRoom: async () => {
      await rm(filler)
      await db.$client.unsafe(`alter table ${table} set tablespace pg_default`)
      await db.$client.unsafe(`drop tablespace ${space}`)
      await must(['umount', mount])
      // The replica, once it is started, has to make the tablespace before it hears of its end.
      await makePlace()
    },
  }
}

function writeUntilFull(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (let bytes = chunkBytes; bytes >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(bytes))
      } catch (error) {
        if (errorCode(error) !== 'ENOSPC') throw error
        bytes = Math.floor(bytes / 2)
      }
    }
  } finally {
    closeSync(file)
  }
}

async function must(words: string[]): Promise<void> {
  const child = Bun.spawn(words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const reason = await new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new CommandError(`${words.join(' ')}: ${reason.trim()}`)
}

const side = 256

/** A picture that nobody has had before, and that hardly shrinks. */
export function newPicture(): Uint8Array<ArrayBuffer> {
  const row = 1 + side * 3
  const pixels = crypto.getRandomValues(new Uint8Array(65_536))
  const raw = Buffer.alloc(row * side)
  for (let at = 0; at < raw.length; at++) raw[at] = at % row === 0 ? 0 : (pixels[at % 65_521] ?? 0)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  // 8 bits for each of three colours.
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  const parts = [part('IHDR', head), part('IDAT', deflateSync(raw)), part('IEND', Buffer.alloc(0))]
  return new Uint8Array(Buffer.concat([signature, ...parts]))
}

function part(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(Bun.hash.crc32(named))
  return Buffer.concat([length, named, sum])
}

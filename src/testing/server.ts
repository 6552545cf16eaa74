import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeDb, type Db, openDb } from '#db/client'
import { locatePostgres } from '#server/postgres-files'
import { eventually, freePort } from './start-tiny-server'

/** A Postgres of an operator: on TCP, with passwords, and settings of its own. */
export interface TestServer {
  port: number
  /** Of an ordinary role that owns the database `site`. */
  url: string
  /** As its administrator. */
  admin: Db
  /** Of the administrator, to another database. */
  adminUrl(database: string): string
  /** Starts it anew with these settings besides the first ones. */
  restart(settings?: Record<string, string>): Promise<void>
  /** Ends it at once. */
  stop(): Promise<void>
  close(): Promise<void>
}

const nobody = 65_534
const startTimeoutMs = 30_000
const adminPassword = 'of-the-admin'

export async function startServer(
  password: string,
  environment: Record<string, string> = {},
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-server-'))
  const account = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  if (account.uid) await chown(directory, account.uid, account.gid)
  await chmod(directory, 0o711)
  const native = await locatePostgres({
    ...{ embedded: undefined, cacheDirectory: join(directory, 'cache'), uid: account.uid },
  })
  const data = join(directory, 'data')
  const passwordFile = join(directory, 'password')
  await writeFile(passwordFile, adminPassword, { mode: 0o644 })
  const spawn = (program: string, words: string[]) =>
    Bun.spawn([join(native, 'bin', program), '-D', data, ...words], {
      ...account,
      cwd: '/',
      env: { LC_ALL: 'C', TZ: 'UTC', ...environment },
      stdio: ['ignore', 'ignore', 'ignore'],
    })
  const made = spawn('initdb', [
    ...['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'],
    ...['--encoding=UTF8', '--locale=C'],
  ])
  if ((await made.exited) !== 0) throw new Error('initdb failed')

  const port = freePort()
  const base = { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  const adminUrl = (database: string) =>
    `postgres://postgres:${adminPassword}@127.0.0.1:${port}/${database}`
  const admin = openDb(adminUrl('postgres'), { max: 2, applicationName: 'test admin' })
  let child: Bun.Subprocess | undefined
  const stop = async () => {
    child?.kill('SIGINT')
    await child?.exited
    child = undefined
  }
  const restart = async (settings: Record<string, string> = {}) => {
    await stop()
    const words = Object.entries({ ...base, ...settings })
    child = spawn(
      'postgres',
      words.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    )
    await eventually(async () => void (await admin.$client`select 1`), startTimeoutMs)
  }
  await restart()
  await admin.$client.unsafe(`create role site login password '${password}'`)
  await admin.$client.unsafe('create database site owner site')
  return {
    ...{ port, admin, adminUrl, restart, stop },
    url: `postgres://site:${encodeURIComponent(password)}@127.0.0.1:${port}/site`,
    close: async () => {
      await closeDb(admin, 1)
      await stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

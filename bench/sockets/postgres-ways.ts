import { checkDatabase, closeDb, connectionOptions, type Db, openDb } from '#db/client'
import { CommandError } from '#lib/errors'
import { benchRole, type TcpDoor } from '../queries/tcp'

/** One Postgres by both transports, the same role in the same database. */
export interface PostgresWays {
  tcp: string
  unix: string
}

export interface PostgresAccess {
  /** Or why there is only one way. */
  ways: PostgresWays | string
  /** Undoes what was made for it. */
  close(): Promise<void>
}

export interface PostgresAround {
  db: Db
  url: string
  embedded: boolean
  /** It was running already. */
  adopted: boolean
  /** Into our own Postgres, where one could be prepared. */
  door: TcpDoor | undefined
}

/** Both ways into the Postgres behind `db`, as far as it has them on this machine. */
export async function postgresWays(around: PostgresAround): Promise<PostgresAccess> {
  const { db, url, embedded, adopted, door } = around
  const nothing = async () => {}
  if (!embedded) return { ways: await outsideWays(db, url), close: nothing }
  if (adopted) {
    const ways = 'our Postgres is already running, without TCP: end what is using it'
    return { ways, close: nothing }
  }
  if (!door) return { ways: 'port 5432 of the loopback is in use', close: nothing }
  const tcp = await door.open(db)
  return { ways: { tcp, unix: asBenchRole(url) }, close: () => door.shut(db) }
}

const asBenchRole = (url: string) =>
  url.replace(/^(postgres(?:ql)?:\/\/)[^@/]*@/, `$1${benchRole}@`)

async function outsideWays(db: Db, url: string): Promise<PostgresWays | string> {
  const options = connectionOptions(url)
  if (options.ssl) return 'DATABASE_URL asks for TLS, which Unix sockets do not have'
  const [row] = await db.$client<{ addresses: string; directories: string; port: string }[]>`
    select current_setting('listen_addresses') as addresses, current_setting('port') as port,
      current_setting('unix_socket_directories') as directories`
  const first = (list = '') => list.split(',')[0]?.trim().replaceAll('"', '') ?? ''
  if (options.path !== undefined) {
    const address = first(row?.addresses)
    if (address === '') return 'the Postgres of DATABASE_URL does not listen on TCP'
    const host = /^(\*|0\.0\.0\.0|localhost)$/.test(address) ? '127.0.0.1' : address
    const tcp = otherUrl(url, host, row?.port)
    return (await obstacleTo(tcp, db)) ?? { unix: url, tcp }
  }
  const directory = first(row?.directories)
  if (directory === '') return 'the Postgres of DATABASE_URL has no Unix socket'
  const unix = otherUrl(url, directory, row?.port)
  return (await obstacleTo(unix, db)) ?? { tcp: url, unix }
}

/** The same role and database elsewhere. */
function otherUrl(url: string, host: string, port = '5432'): string {
  const { user, password, database } = connectionOptions(url)
  const words = [user, password].filter((word) => typeof word === 'string')
  const who = words.map(encodeURIComponent).join(':')
  const query = new URLSearchParams({ host, port })
  return `postgres://${who}@/${encodeURIComponent(`${database}`)}?${query}`
}

async function obstacleTo(url: string, db: Db): Promise<string | undefined> {
  const other = openDb(url, { max: 1, applicationName: 'jumpstarter bench sockets' })
  try {
    await checkDatabase(other, url)
    return (await startedAt(other)) === (await startedAt(db))
      ? undefined
      : 'what answers there is not the Postgres of DATABASE_URL'
  } catch (error) {
    if (error instanceof CommandError) return error.message.replace(/\.$/, '')
    throw error
  } finally {
    await closeDb(other, 1)
  }
}

async function startedAt(db: Db): Promise<string | undefined> {
  const [row] = await db.$client<{ at: string }[]>`select pg_postmaster_start_time()::text as at`
  return row?.at
}

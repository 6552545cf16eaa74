import type { Check, OpenSite, Site } from './check'
import { baseUrl } from './checks/base-url'
import { clock } from './checks/clock'
import { listeners } from './checks/listeners'
import { disk, memory, openFiles, processor } from './checks/machine'
import { mailServer } from './checks/mail-server'
import { payments } from './checks/payments'
import { indexes, ofTables, schema } from './checks/postgres-schema'
import { postgresSettings } from './checks/postgres-settings'
import { longTransactions, replicationSlots, upkeep } from './checks/postgres-upkeep'
import { proxyTimeouts } from './checks/proxy'
import { redis } from './checks/redis'
import { storage } from './checks/storage'
import { poolers, primary, replicas } from './checks/topology'
import { books, deadlines, outbox } from './checks/work'

/** What is open so long keeps every table from being tidied up. */
const longTransactionSeconds = 300

/** Looked at whether or not there is a database. */
export const siteChecks: readonly Check<Site>[] = [
  ...[baseUrl, listeners, proxyTimeouts, redis, mailServer, storage, payments],
  ...[openFiles, processor, memory, disk],
]

/** Asked of the database, which answers. */
export const databaseChecks: readonly Check<OpenSite>[] = [
  ...[primary, poolers, replicas, postgresSettings, clock, replicationSlots],
  ...[longTransactions(longTransactionSeconds), schema],
  ...[indexes, upkeep, outbox, deadlines, books].map(ofTables),
]

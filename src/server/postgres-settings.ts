import { usableMemory } from '#lib/memory'

const connectionsMin = 200
const connectionsSpare = 50
const mebibyte = 1024 * 1024
const sharedBuffersMin = 128 * mebibyte
// More than this is better left to the kernel's page cache on a host we share with our workers.
const sharedBuffersMax = 1024 * mebibyte

/** The `-c` flags of every start: code, not an edited file, so that an upgrade changes them. */
export function postgresFlags(
  socketDirectory: string,
  connections: number,
  others: Record<string, string> = {},
): string[] {
  const settings: Record<string, string> = {
    // Only through the socket, whose directory nobody else may enter.
    listen_addresses: '',
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    port: '5432',
    // An accepted pledge survives a power cut.
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    // A quarter of the memory we may use, as the manual advises.
    shared_buffers: `${Math.floor(sharedBuffers() / mebibyte)}MB`,
    // Pools of the workers, of commands run beside them, and room for an operator's session.
    max_connections: String(Math.max(connectionsMin, connections + connectionsSpare)),
    // No replicas hang on an embedded database, so bulk loads may skip the log.
    wal_level: 'minimal',
    max_wal_senders: '0',
    // Times mean the same on every host.
    timezone: 'UTC',
    log_timezone: 'UTC',
    // To standard error, which is the one file that also has what went wrong before logging began.
    logging_collector: 'off',
    log_destination: 'stderr',
    // A checkpoint every few minutes is not news.
    log_checkpoints: 'off',
    // Readable by our own search for the reason of a failed start.
    lc_messages: 'C',
    log_line_prefix: '%m [%p] ',
    ...others,
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

function sharedBuffers(): number {
  return Math.min(Math.max(usableMemory() / 4, sharedBuffersMin), sharedBuffersMax)
}

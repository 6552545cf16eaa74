import { createConnection } from 'node:net'
import { join } from 'node:path'
import { findInstrument } from '../load/instruments'
import type { Machine } from './network'
import { startService, until } from './processes'

const port = 6379
const startSeconds = 10

/** A Redis on a machine of the rig, in memory alone; returns its URL. */
export async function startRedisOn(
  stack: AsyncDisposableStack,
  { machine, directory, signal }: { machine: Machine; directory: string; signal: AbortSignal },
): Promise<string> {
  const { address } = machine
  const words = ['--bind', address, '--port', `${port}`, '--protected-mode', 'no']
  const service = startService({
    ...{ machine, name: machine.name, directory },
    command: [
      findInstrument('redis-server') ?? 'redis-server',
      ...[...words, '--save', '', '--appendonly', 'no'],
      ...['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru', '--dir', join(directory)],
    ],
  })
  stack.defer(service.stop)
  await until('Redis', { service, seconds: startSeconds, signal }, () => answers(address))
  return `redis://${address}:${port}`
}

function answers(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection({ host, port })
    connection.on('connect', () => connection.write('PING\r\n'))
    connection.on('data', (data) => {
      connection.destroy()
      resolve(String(data).startsWith('+PONG'))
    })
    connection.on('error', () => resolve(false))
  })
}

import { join } from 'node:path'
import { constantAnswer } from './constant'
import { ourPath, type Peer } from './peer'
import { postgresVariables, requireSources, startProcesses } from './processes'

const fromHere = (path: string) => join(import.meta.dir, path)

/** So many processes of one program, which share the port. */
const copies = (workers: number, program: string, ...words: (string | number)[]) =>
  Array.from({ length: workers }, () => [process.execPath, fromHere(program), ...words.map(String)])

/** The limit of what a cached page can be: no lookup, no decision, one answer. */
export const bareBun: Peer = {
  id: 'bare-bun',
  title: 'bare Bun.serve, one constant answer',
  serves: ['cached-page'],
  path: ourPath,
  prepare: requireSources,
  start: async (options) => {
    const { body, headers, directory, remove } = constantAnswer(options)
    const files = [join(directory, 'body'), join(directory, 'headers.json')] as const
    await Bun.write(files[0], body)
    await Bun.write(files[1], JSON.stringify(headers))
    return startProcesses({
      title: bareBun.title,
      commands: copies(options.workers, 'bare-bun/server.ts', options.port, ...files),
      env: { NODE_ENV: 'production' },
      cleanUp: remove,
    })
  },
}

/** The limit of what an uncached page can be: the driver and React, nothing else. */
export const bareReact: Peer = {
  id: 'bare-react',
  title: 'bare postgres.js and React on Bun',
  serves: ['page', 'api'],
  path: ourPath,
  prepare: requireSources,
  start: ({ port, databaseUrl, workers }) =>
    startProcesses({
      title: bareReact.title,
      commands: copies(workers, 'bare-react/server.tsx', port),
      env: { NODE_ENV: 'production', ...postgresVariables(databaseUrl) },
    }),
}

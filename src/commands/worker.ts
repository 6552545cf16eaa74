import { createApp } from '#app'
import type { Render } from '#cache/make'
import { createPageCache } from '#cache/page-cache'
import { readWorkerOrder } from '#config'
import { closeDeps, openDeps } from '#deps'
import { startJobs } from '#jobs'
import { clientAddressOf, trustedProxies } from '#lib/client-address'
import { CommandError } from '#lib/errors'
import { runWorker } from '#server/worker'
import type { Command } from './command'

/** One of the processes that `serve` starts. */
export const worker: Command = {
  summary: 'internal: one serving process',
  usage: 'Started by jumpstarter serve, not by hand.',
  run: async (_args, { embedded }) => {
    await runWorker({
      order: readWorkerOrder(),
      open: async ({ config, index }, readiness) => {
        const { databaseUrl } = config
        if (!databaseUrl) throw new CommandError('The worker was given no database.')
        const deps = await openDeps({ ...config, databaseUrl }, embedded)
        const app = createApp(deps, readiness)
        const render: Render = (request, rendering) => app.fetch(request, rendering)
        const pages = deps.cache && createPageCache(deps.cache, render, deps.log, deps.visits)
        const isTrusted = trustedProxies(config.trustedProxies)
        // One worker of a host is enough; another takes over with its number.
        const jobs = index === 0 ? startJobs(deps) : undefined
        return {
          fetch: (request, peer) => {
            const client = () =>
              clientAddressOf(peer(), request.headers.get('x-forwarded-for'), isTrusted)
            return pages ? pages.fetch(request, client) : render(request, { client })
          },
          endStreams: deps.streams.end,
          close: async () => {
            await jobs?.end()
            await closeDeps(deps)
          },
        }
      },
    })
    return 0
  },
}

import { createApp } from '#app'
import type { Render } from '#cache/make'
import { createPageCache, letIn } from '#cache/page-cache'
import { readWorkerOrder } from '#config'
import { refuseOtherSchema } from '#db/migrations'
import { closeDeps, openDeps } from '#deps'
import { createAdmission } from '#http/admission'
import { startJobs } from '#jobs'
import { clientAddressOf, trustedProxies } from '#lib/client-address'
import { CommandError } from '#lib/errors'
import { runWorker } from '#server/worker'
import type { Command } from './command'
import { meterPages, observeWorker } from './worker-figures'

/** One of the processes that `serve` starts. */
export const worker: Command = {
  summary: 'internal: one serving process',
  usage: 'Started by jumpstarter serve, not by hand.',
  run: async (_args, { embedded }) => {
    await runWorker({
      order: readWorkerOrder(),
      open: async ({ config, index }, readiness, askPerformance) => {
        const { databaseUrl } = config
        if (!databaseUrl) throw new CommandError('The worker was given no database.')
        const opened = await openDeps({ ...config, databaseUrl }, embedded, { worker: index })
        await refuseOtherSchema(opened.db)
        const deps = { ...opened, askPerformance }
        deps.presence.watch()
        const { meter } = deps
        const app = createApp(deps, readiness)
        const render: Render = (request, rendering) => app.fetch(request, rendering)
        const observed = meter && (await observeWorker(meter, { deps, app, index }))
        const observer = observed?.observer ?? null
        const { cache, log, visits } = deps
        const admission = createAdmission(deps, index)
        const { admit } = admission
        const pages = cache && createPageCache(cache, render, log, visits, observer, admit)
        if (meter && pages) meterPages(meter, deps, pages.stats)
        const isTrusted = trustedProxies(config.trustedProxies)
        // One worker of a host is enough; another takes over with its number.
        const jobs = index === 0 ? startJobs(deps) : undefined
        return {
          fetch: (request, peer) => {
            const client = () =>
              clientAddressOf(peer(), request.headers.get('x-forwarded-for'), isTrusted)
            if (pages) return pages.fetch(request, client)
            const door = admit(request)
            if (door instanceof Response) return door
            return letIn(door, { request, client, observer }, (asker) => render(request, asker))
          },
          ...(meter ? { report: meter.report } : {}),
          endStreams: deps.streams.end,
          close: async () => {
            admission.close()
            await jobs?.end()
            await observed?.close()
            await closeDeps(deps)
          },
        }
      },
    })
    return 0
  },
}

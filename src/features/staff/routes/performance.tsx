import { Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { keepBriefly } from '#http/keep'
import { renderPage } from '#http/render'
import { PerformancePage, PerformanceSummaryPage } from '../pages/performance-pages'

export const staffPerformance = new Hono<AppEnv>()

staffPerformance.get('/staff/performance', async (c) => {
  const performance = await c.var.deps.askPerformance()
  return renderPage(c, <PerformancePage performance={performance} />)
})

/** For everybody. */
export const performance = new Hono<AppEnv>()

performance.get('/performance', async (c) => {
  const known = await c.var.deps.askPerformance()
  keepBriefly(c)
  return renderPage(c, <PerformanceSummaryPage hour={known?.hour ?? null} />)
})

import { Hono } from 'hono'
import { tags } from '#cache/recording'
import { elsewhere } from '#http/canonical'
import { clientAddress } from '#http/client-address'
import type { AppEnv } from '#http/env'
import { found, parseProjectId } from '#http/input'
import { countVisit, keepUntilChanged } from '#http/keep'
import { picture } from '#http/picture'
import { readDb } from '#http/reading'
import { renderPage } from '#http/render'
import { calendarEvent } from '#lib/calendar'
import { AppError } from '#lib/errors'
import { formatMoment } from '#lib/time'
import { paths } from '#web/paths'
import { projectPicture } from '#web/pictures/project-picture'
import { FaqsPage, RewardsPage } from './pages'
import { ProjectPage } from './parts/campaign'
import { findLiveFigures } from './reads/live'
import {
  findCampaign,
  findProjectTies,
  listFaqs,
  type Project,
  requireProject,
} from './reads/projects'
import { listRewards } from './reads/rewards'
import { isRunning, reminderTime } from './rules'

export const projects = new Hono<AppEnv>()

projects.get('/projects/:project', async (c) => {
  const db = readDb(c)
  const id = parseProjectId(c.req.param('project'))
  const { viewer } = c.var
  const [campaign, rewards, ties] = await Promise.all([
    findCampaign(db, id),
    listRewards(db, id),
    viewer ? findProjectTies(db, viewer.id, id) : undefined,
  ])
  const { project, story, helpers, books } = found(campaign, new AppError('project_not_found'))
  const moved = elsewhere(c, paths.project(project))
  if (moved) return moved
  keepUntilChanged(c, [...tagsOf(project), ...helpers.map(({ id }) => tags.person(id))])
  countVisit(c, project.id)
  return renderPage(
    c,
    <ProjectPage
      project={project}
      story={story}
      helpers={helpers}
      books={books}
      rewards={rewards}
      ties={ties}
    />,
  )
})

projects.get('/projects/:project/rewards', async (c) => {
  const id = parseProjectId(c.req.param('project'))
  const db = readDb(c)
  const [project, rewards] = await Promise.all([requireProject(db, id), listRewards(db, id)])
  const moved = elsewhere(c, paths.projectTab(project, 'rewards'))
  if (moved) return moved
  keepUntilChanged(c, tagsOf(project))
  return renderPage(c, <RewardsPage project={project} rewards={rewards} />)
})

projects.get('/projects/:project/faqs', async (c) => {
  const id = parseProjectId(c.req.param('project'))
  const db = readDb(c)
  const [project, faqs] = await Promise.all([requireProject(db, id), listFaqs(db, id)])
  const moved = elsewhere(c, paths.projectTab(project, 'faqs'))
  if (moved) return moved
  keepUntilChanged(c, tagsOf(project))
  return renderPage(c, <FaqsPage project={project} faqs={faqs} />)
})

const streamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store, no-transform',
  // Nginx would otherwise hold the events back.
  'X-Accel-Buffering': 'no',
}

projects.get('/projects/:project/live', async (c) => {
  const { db, streams } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  // Of what is asked for in advance, as by HEAD, nobody reads the body.
  if (c.req.header('sec-purpose')?.startsWith('prefetch')) return c.body(null, 200, streamHeaders)
  const opened = await streams.open({
    tag: tags.project(id),
    read: () => findLiveFigures(db, id),
    address: clientAddress(c),
    lastId: c.req.header('last-event-id'),
    signal: c.req.raw.signal,
  })
  if (opened.kind === 'open') return c.body(opened.body, 200, streamHeaders)
  if (opened.kind === 'none') throw new AppError('project_not_found')
  // It tells a browser to ask no more.
  if (opened.kind === 'over') return c.body(null, 204)
  throw new AppError('busy')
})

projects.get('/projects/:project/reminder.ics', async (c) => {
  const { config, now } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const project = await requireProject(readDb(c), id)
  if (!project.endsAt || !isRunning(project, { now: now() })) {
    throw new AppError('not_found', {
      detail: 'This project has ended: there is nothing to be reminded of.',
    })
  }
  return c.body(
    calendarEvent({
      uid: `project-${id}@${new URL(config.baseUrl).host}`,
      title: `${project.title} ends ${formatMoment(project.endsAt)}`,
      description: project.description,
      url: config.baseUrl + paths.project(project),
      startsAt: reminderTime(project.endsAt, now()),
      madeAt: now(),
    }),
    200,
    {
      'Content-Type': 'text/calendar; charset=utf-8',
      'Content-Disposition': `attachment; filename="reminder-${id}.ics"`,
    },
  )
})

projects.get('/pictures/projects/:category{[a-z0-9-]{1,60}}/:file{[1-9][0-9]{0,14}\\.svg}', (c) =>
  picture(c, projectPicture(c.req.param('category'), Number.parseInt(c.req.param('file'), 10))),
)

/** All that a project's own pages show: itself, and how many projects its creator has. */
const tagsOf = ({ id, creatorId }: Project) => [tags.project(id), tags.person(creatorId)]

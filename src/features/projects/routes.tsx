import { Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { found, parseProjectId } from '#http/input'
import { picture } from '#http/picture'
import { renderPage } from '#http/render'
import { calendarEvent } from '#lib/calendar'
import { AppError } from '#lib/errors'
import { slugify } from '#lib/slug'
import { formatMoment } from '#lib/time'
import { paths } from '#web/paths'
import { projectPicture } from '#web/pictures/project-picture'
import { FaqsPage, ProjectPage, RewardsPage } from './pages'
import { findProject, findStory, listFaqs, listRewards, requireProject } from './reads'
import { isRunning, reminderTime } from './rules'

export const projects = new Hono<AppEnv>()

projects.get('/projects/:project', async (c) => {
  const { db } = c.var.deps
  const { id, slug } = parseProjectId(c.req.param('project'))
  const [row, story, rewards] = await Promise.all([
    findProject(db, id),
    findStory(db, id),
    listRewards(db, id),
  ])
  const project = found(row, new AppError('project_not_found'))
  // The slug is decoration: whichever came, there is one address that is linked and cached.
  if (slug !== (slugify(project.title) || undefined)) {
    // Not for good: titles change, and a browser would keep two that point at each other.
    c.header('Cache-Control', 'public, max-age=300')
    return c.redirect(paths.project(project) + new URL(c.req.url).search, 301)
  }
  return renderPage(c, <ProjectPage project={project} story={story} rewards={rewards} />)
})

projects.get('/projects/:project/rewards', async (c) => {
  const { id } = parseProjectId(c.req.param('project'))
  const [project, rewards] = await Promise.all([
    requireProject(c.var.deps.db, id),
    listRewards(c.var.deps.db, id),
  ])
  return renderPage(c, <RewardsPage project={project} rewards={rewards} />)
})

projects.get('/projects/:project/faqs', async (c) => {
  const { id } = parseProjectId(c.req.param('project'))
  const [project, faqs] = await Promise.all([
    requireProject(c.var.deps.db, id),
    listFaqs(c.var.deps.db, id),
  ])
  return renderPage(c, <FaqsPage project={project} faqs={faqs} />)
})

projects.get('/projects/:project/reminder.ics', async (c) => {
  const { config, now } = c.var.deps
  const { id } = parseProjectId(c.req.param('project'))
  const project = await requireProject(c.var.deps.db, id)
  if (!project.endsAt || !isRunning(project, now())) {
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

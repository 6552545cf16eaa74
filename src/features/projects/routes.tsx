import { Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { found, parseSluggedId } from '#http/input'
import { picture } from '#http/picture'
import { renderPage } from '#http/render'
import { calendarEvent } from '#lib/calendar'
import { AppError } from '#lib/errors'
import { slugify } from '#lib/slug'
import { paths } from '#web/paths'
import { projectPicture } from '#web/pictures/project-picture'
import { FaqsPage, ProjectPage, RewardsPage } from './pages'
import { findProject, findStory, listFaqs, listRewards, requireProject } from './reads'
import { isRunning, reminderHours } from './rules'

export const projects = new Hono<AppEnv>()

projects.get('/projects/:project', async (c) => {
  const { db } = c.var.deps
  const { id, slug } = parseSluggedId(c.req.param('project'), 'project_not_found')
  const [row, story, rewards] = await Promise.all([
    findProject(db, id),
    findStory(db, id),
    listRewards(db, id),
  ])
  const project = found(row, new AppError('project_not_found'))
  // The slug is decoration: whichever came, there is one address that is linked and cached.
  if (slug !== (slugify(project.title) || undefined)) return c.redirect(paths.project(project), 301)
  return renderPage(c, <ProjectPage project={project} story={story} rewards={rewards} />)
})

projects.get('/projects/:project/rewards', async (c) => {
  const { id } = parseSluggedId(c.req.param('project'), 'project_not_found')
  const [project, rewards] = await Promise.all([
    requireProject(c.var.deps.db, id),
    listRewards(c.var.deps.db, id),
  ])
  return renderPage(c, <RewardsPage project={project} rewards={rewards} />)
})

projects.get('/projects/:project/faqs', async (c) => {
  const { id } = parseSluggedId(c.req.param('project'), 'project_not_found')
  const [project, faqs] = await Promise.all([
    requireProject(c.var.deps.db, id),
    listFaqs(c.var.deps.db, id),
  ])
  return renderPage(c, <FaqsPage project={project} faqs={faqs} />)
})

projects.get('/projects/:project/reminder.ics', async (c) => {
  const { config, now } = c.var.deps
  const { id } = parseSluggedId(c.req.param('project'), 'project_not_found')
  const project = await requireProject(c.var.deps.db, id)
  if (!project.endsAt || !isRunning(project, now())) {
    throw new AppError('not_found', {
      detail: 'This project has ended: there is nothing to be reminded of.',
    })
  }
  const reminder = new Date(project.endsAt.getTime() - reminderHours * 3_600_000)
  return c.body(
    calendarEvent({
      uid: `project-${id}@${new URL(config.baseUrl).host}`,
      title: `${project.title} ends in two days`,
      description: project.description,
      url: config.baseUrl + paths.project(project),
      // Asked for in the last two days it rings in an hour, not in the past.
      startsAt: new Date(Math.max(reminder.getTime(), now().getTime() + 3_600_000)),
      madeAt: now(),
    }),
    200,
    {
      'Content-Type': 'text/calendar; charset=utf-8',
      'Content-Disposition': `attachment; filename="reminder-${id}.ics"`,
    },
  )
})

projects.get('/pictures/projects/:category/:file{[1-9][0-9]{0,14}\\.svg}', (c) =>
  picture(c, projectPicture(c.req.param('category'), Number.parseInt(c.req.param('file'), 10))),
)

import { Hono } from 'hono'
import { atomFeed, escapeXml } from '#http/atom'
import { compressed } from '#http/compress'
import type { AppEnv } from '#http/env'
import { keepBriefly } from '#http/keep'
import { readDb } from '#http/reading'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { listCategories, listPlaces, placesMax } from './reads/catalog'
import { listProjects } from './reads/lists'
import { listSitemapProjects, newestProjectId } from './reads/sitemap'

/** What programs read instead of people: feeds, sitemaps, robots.txt. */
export const feeds = new Hono<AppEnv>()

/**
 * Ids in one sitemap. The format allows 50,000 addresses; ids keep a chunk the same for good, where
 * counting rows would shift every later chunk by one.
 */
const sitemapIds = 10_000

feeds.get('/feeds/newest.atom', async (c) => {
  const { config, now } = c.var.deps
  const db = readDb(c)
  const { projects } = await listProjects(db, {}, { status: 'all', sort: 'newest' })
  keepBriefly(c)
  return atomFeed(c, {
    title: 'Jumpstarter: newest projects',
    url: config.baseUrl + paths.discover({ sort: 'newest' }),
    selfUrl: config.baseUrl + paths.newestFeed(),
    emptyAt: now(),
    entries: projects.map((project) => ({
      id: `${config.baseUrl}/projects/${project.id}`,
      url: config.baseUrl + paths.project(project),
      title: project.title,
      summary: project.description,
      author: project.creatorName,
      updatedAt: project.launchedAt ?? new Date(0),
      picture: project.image ? config.baseUrl + paths.projectPicture(project) : undefined,
    })),
  })
})

feeds.get('/sitemap.xml', async (c) => {
  const { config } = c.var.deps
  const db = readDb(c)
  const chunks = Math.ceil((await newestProjectId(db)) / sitemapIds)
  const entries = Array.from(
    { length: chunks },
    (_, chunk) => `<sitemap><loc>${config.baseUrl}/sitemaps/${chunk}.xml</loc></sitemap>`,
  )
  const pages = `<sitemap><loc>${config.baseUrl}/sitemap-pages.xml</loc></sitemap>`
  keepBriefly(c)
  return compressed(c, sitemap('sitemapindex', [pages, ...entries]), 'application/xml')
})

// Not beside /sitemaps/0.xml: where a pattern has a fixed sibling, Hono routes everything in a
// slower way.
feeds.get('/sitemap-pages.xml', async (c) => {
  const { config } = c.var.deps
  const db = readDb(c)
  const [categories, places] = await Promise.all([listCategories(db), listPlaces(db, placesMax)])
  const addresses = [
    ...[paths.home(), paths.discover(), paths.places()],
    ...categories.map(({ slug }) => paths.category(slug)),
    ...places.map(({ stateSlug, citySlug }) => paths.place(stateSlug, citySlug)),
  ]
  const entries = addresses.map(
    (path) => `<url><loc>${escapeXml(config.baseUrl + path)}</loc></url>`,
  )
  keepBriefly(c)
  return compressed(c, sitemap('urlset', entries), 'application/xml')
})

feeds.get('/sitemaps/:file{[0-9]{1,6}\\.xml}', async (c) => {
  const { config } = c.var.deps
  const db = readDb(c)
  const first = Number.parseInt(c.req.param('file'), 10) * sitemapIds + 1
  const projects = await listSitemapProjects(db, first, first + sitemapIds - 1)
  // The index names every chunk up to the newest project, even one with drafts alone in it.
  if (projects.length === 0 && first > (await newestProjectId(db))) throw new AppError('not_found')
  const entries = projects.map(
    (project) => `<url><loc>${escapeXml(config.baseUrl + paths.project(project))}</loc></url>`,
  )
  keepBriefly(c)
  return compressed(c, sitemap('urlset', entries), 'application/xml')
})

function sitemap(root: 'urlset' | 'sitemapindex', entries: string[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<${root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`,
    ...entries,
    `</${root}>`,
    '',
  ].join('\n')
}

feeds.get('/robots.txt', (c) =>
  c.text(
    [
      'User-agent: *',
      // Endless combinations of the same projects.
      'Disallow: /search',
      'Disallow: /*?*after=',
      `Sitemap: ${c.var.deps.config.baseUrl}/sitemap.xml`,
      '',
    ].join('\n'),
  ),
)

/** Short enough that somebody looks at it now and then (RFC 9116). */
const contactDays = 180

feeds.get('/.well-known/security.txt', (c) => {
  const { config, now } = c.var.deps
  if (config.securityContact === null) throw new AppError('not_found')
  const expires = new Date(now().getTime() + contactDays * 24 * 3600 * 1000)
  const lines = [
    `Contact: ${config.securityContact}`,
    `Expires: ${expires.toISOString()}`,
    'Preferred-Languages: en',
    `Canonical: ${config.baseUrl}/.well-known/security.txt`,
    '',
  ]
  return c.text(lines.join('\n'), 200, { 'Content-Type': 'text/plain; charset=utf-8' })
})

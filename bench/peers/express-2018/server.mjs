import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import express from 'express'
import pg from 'pg'
import { renderToString } from 'react-dom/server'
import { createClient, RESP_TYPES } from 'redis'
import * as page from './page.mjs'

// The stack and the queries of 2018 on today's versions: Express, node:cluster, pg, React, Redis.

const port = Number(process.env.PORT)
const baseUrl = `http://127.0.0.1:${port}`
const compressBytesMin = 1_000
const gzipLevel = 4
const cacheSeconds = 60
const keepAliveMs = 120_000

const int8 = 20
const day = 1082
pg.types.setTypeParser(int8, Number)
pg.types.setTypeParser(day, String)

const pool = new pg.Pool()
// A named statement is prepared once for each connection.
const select = async (name, text, id) => (await pool.query({ name, text, values: [id] })).rows

const { rows: categories } = await pool.query(page.categoryNamesSql)
const names = new Map(categories.map(({ slug, name }) => [slug, name]))

async function findProject(id) {
  const [row] = await select('project', page.projectSql, id)
  if (!row) return undefined
  const [creator] = await select('creator', page.creatorSql, row.creatorId)
  return page.withNames({ ...row, ...creator }, names)
}

const findStory = async (id) => (await select('story', page.storySql, id))[0]

const compress = promisify(gzip)
const encode = (body, coding) =>
  coding === 'gzip' && body.length >= compressBytesMin
    ? compress(body, { level: gzipLevel })
    : Buffer.from(body)

async function renderPage(id, coding) {
  const [project, story, rewards] = await Promise.all([
    findProject(id),
    findStory(id),
    select('rewards', page.rewardsSql, id),
  ])
  if (!project) return undefined
  const site = { baseUrl, ...page.assets, now: new Date() }
  const html = renderToString(page.projectPage({ project, story, rewards }, site))
  return encode(`<!DOCTYPE html>${html}`, coding)
}

async function renderJson(id, coding) {
  const [project, story] = await Promise.all([findProject(id), findStory(id)])
  return project && encode(JSON.stringify(page.projectJson(project, story, baseUrl)), coding)
}

const redis = await openRedis(process.env.REDIS_URL)

async function openRedis(url) {
  if (!url) return undefined
  const path = /^unix:\/\/(.+)/.exec(url)?.[1]
  const client = createClient(path ? { socket: { path } } : { url })
  await client.connect()
  return client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
}

/** The page as it was kept, compressed; else it is made and kept. */
async function findPage(id, coding) {
  if (!redis) return renderPage(id, coding)
  const key = `page/${id}/${coding}`
  const known = await redis.get(key)
  if (known) return known
  const body = await renderPage(id, coding)
  if (body) await redis.set(key, body, { expiration: { type: 'EX', value: cacheSeconds } })
  return body
}

// What every gzip body begins with, and no text does.
const isGzip = (body) => body[0] === 0x1f && body[1] === 0x8b

const answerWith = (type, find) => async (request, response) => {
  const coding = request.acceptsEncodings('gzip') || 'identity'
  const body = await find(Number(request.params.id), coding)
  if (!body) return response.sendStatus(404)
  response.set({
    'Content-Type': type,
    'Cache-Control': 'public, max-age=0, must-revalidate',
    Vary: 'Accept-Encoding',
  })
  if (isGzip(body)) response.set('Content-Encoding', 'gzip')
  return response.send(body)
}

const app = express()
app.disable('x-powered-by')
app.get('/projects/:id', answerWith('text/html; charset=utf-8', findPage))
app.get('/api/v1/projects/:id', answerWith('application/json', renderJson))
app.listen(port, '127.0.0.1').keepAliveTimeout = keepAliveMs

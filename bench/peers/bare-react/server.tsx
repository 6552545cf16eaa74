import postgres from 'postgres'
import { renderToReadableStream } from 'react-dom/server'
import { loadAssets } from '#assets'
import type { Project, Story } from '#features/projects/reads/projects'
import { projectPage } from '../page/entry'
import {
  categoryNamesSql,
  projectJson,
  projectWithCreatorSql,
  storySql,
  withNames,
} from '../project'
import { listRewards } from './rewards'

// `bun server.tsx PORT`: the project page with nothing between socket, driver and React. Where the
// database is stands in PGHOST, PGUSER and the like.

const [port = ''] = process.argv.slice(2)
const baseUrl = `http://127.0.0.1:${port}`
const poolMax = 4
const idleSeconds = 120
const compressBytesMin = 1_000
const gzipLevel = 1
const int8 = 20

const sql = postgres({
  max: poolMax,
  max_lifetime: null,
  types: { bigint: { to: int8, from: [int8], serialize: String, parse: Number } },
  connection: { plan_cache_mode: 'force_generic_plan' },
})
const select = <Row,>(text: string, id: number) =>
  sql.unsafe<(Row & object)[]>(text, [id], { prepare: true })

const rows = await sql.unsafe<{ slug: string; name: string }[]>(categoryNamesSql)
const names = new Map(rows.map(({ slug, name }) => [slug, name]))
const { stylesheet, font } = await loadAssets()

async function answerPage(id: number): Promise<string | undefined> {
  const [[row], [story], rewards] = await Promise.all([
    select<Project>(projectWithCreatorSql, id),
    select<Story>(storySql, id),
    listRewards(select, id),
  ])
  if (!row) return undefined
  const data = { project: withNames(row, names), story, rewards }
  const stream = await renderToReadableStream(
    projectPage(data, { script: '', baseUrl, stylesheet, font, now: new Date() }),
  )
  return new Response(stream).text()
}

async function answerJson(id: number): Promise<string | undefined> {
  const [[row], [story]] = await Promise.all([
    select<Project>(projectWithCreatorSql, id),
    select<Story>(storySql, id),
  ])
  return row && JSON.stringify(projectJson(withNames(row, names), story, baseUrl))
}

const address = /^http:\/\/[^/]+\/(api\/v1\/)?projects\/(\d+)$/

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  reusePort: true,
  idleTimeout: idleSeconds,
  async fetch(request) {
    const [, api, id] = address.exec(request.url) ?? []
    const body = id && (await (api ? answerJson : answerPage)(Number(id)))
    if (!body) return new Response('There is no such project.', { status: 404 })
    const headers = {
      'Content-Type': api ? 'application/json' : 'text/html; charset=utf-8',
      Vary: 'Accept-Encoding',
    }
    const plain = body.length < compressBytesMin
    if (plain || !request.headers.get('accept-encoding')?.includes('gzip')) {
      return new Response(body, { headers })
    }
    return new Response(Bun.gzipSync(body, { level: gzipLevel, library: 'libdeflate' }), {
      headers: { ...headers, 'Content-Encoding': 'gzip' },
    })
  },
})
process.stdout.write('ready\n')

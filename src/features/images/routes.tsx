import { Hono } from 'hono'
import { z } from 'zod'
import type { AppEnv } from '#http/env'
import { keepUntilChanged } from '#http/keep'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { imageWidths } from '#lib/image-widths'
import { isKnown } from '#lib/negotiation'
import { paths } from '#web/paths'
import { PicturePage, UploadPage } from './pages'
import { readUpload } from './parts/upload'
import { markdownOf } from './rules'
import { changePicture } from './writes'

export const images = new Hono<AppEnv>()

images.get('/images', (c) => {
  requireViewer(c)
  return renderPage(c, <UploadPage />)
})

images.post('/images', async (c) => {
  const { image, errors } = await readUpload(c, z.object({}), 'image')
  const missing = image ? undefined : { image: 'Choose a picture first.' }
  const wrong = errors ?? missing
  if (/\bjson\b/.test(c.req.header('accept') ?? '')) {
    if (wrong || !image) return c.json({ error: wrong?.['image'] }, 422)
    return c.json({ ...image, url: paths.image(image.hash, 1024), markdown: markdownOf(image) })
  }
  if (wrong || !image) return renderPage(c, <UploadPage errors={wrong ?? {}} />, 422)
  return renderPage(c, <UploadPage image={image} />)
})

images.get('/settings/picture', (c) => {
  const { image } = requireViewer(c)
  return renderPage(c, <PicturePage image={image} done={c.req.query('done') !== undefined} />)
})

images.post('/settings/picture', async (c) => {
  const viewer = requireViewer(c)
  const { image, errors } = await readUpload(c, z.object({}), 'image')
  if (errors) return renderPage(c, <PicturePage image={viewer.image} errors={errors} />, 422)
  if (image !== undefined) await changePicture(c.var.deps.db, viewer.id, image?.hash ?? null)
  return c.redirect(`${paths.settingsOf('picture')}?done`, 303)
})

images.get('/images/:hash{[0-9a-f]{32}}/:file{[1-9][0-9]{2,3}\\.webp}', async (c) => {
  const { hash, file } = c.req.param()
  const width = Number.parseInt(file, 10)
  if (!imageWidths.some((each) => each === width)) throw new AppError('not_found')
  const { db, images } = c.var.deps
  const data = await images.storage.find(db, hash, width)
  if (!data) throw new AppError('not_found')
  // The name stands for the content.
  const etag = `"${hash}-${width}"`
  const headers = {
    ETag: etag,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'Content-Type': 'image/webp',
    'Content-Security-Policy': "default-src 'none'",
  }
  keepUntilChanged(c, [])
  if (isKnown(etag, c.req.header('if-none-match'))) return c.body(null, 304, headers)
  return c.body(data, 200, headers)
})

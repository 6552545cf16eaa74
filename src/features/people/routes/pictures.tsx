import { Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { picture } from '#http/picture'
import { avatar } from '#web/pictures/avatar'

export const avatars = new Hono<AppEnv>()

avatars.get('/pictures/people/:file{[1-9][0-9]{0,14}\\.svg}', (c) =>
  picture(c, avatar(Number.parseInt(c.req.param('file'), 10))),
)

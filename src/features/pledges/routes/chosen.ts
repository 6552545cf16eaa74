import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { type AppEnv, isSecure } from '#http/env'
import { paths } from '#web/paths'

// What somebody has chosen before they were known is set aside as soon as they are, without their
// pressing anything more. Who did choose it is known by a cookie, which only the form of this site
// gives: by a link from elsewhere nobody makes another set something aside.
const plainName = 'chosen'
const secureName = '__Secure-chosen'
/** To sign in, or to find the mail with the link. */
const rememberedSeconds = 3_600

const cookieName = (c: Context<AppEnv>) => (isSecure(c) ? secureName : plainName)

const placeOf = (c: Context<AppEnv>, project: { id: number }) => ({
  path: paths.pledgeCheckout(project),
  secure: isSecure(c),
})

/** Remembers a reward in this browser until somebody is known there. */
export function rememberChoice(c: Context<AppEnv>, project: { id: number }, reward: number): void {
  const attributes = { httpOnly: true, sameSite: 'Lax', maxAge: rememberedSeconds } as const
  setCookie(c, cookieName(c), String(reward), { ...placeOf(c, project), ...attributes })
}

/** The reward that was chosen here, told once. */
export function takeChoice(c: Context<AppEnv>, project: { id: number }): number | undefined {
  const reward = Number(getCookie(c, cookieName(c)))
  if (!Number.isSafeInteger(reward) || reward <= 0) return undefined
  deleteCookie(c, cookieName(c), placeOf(c, project))
  return reward
}

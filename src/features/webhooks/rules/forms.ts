import { z } from 'zod'
import { type WebhookKind, webhookKindNames } from './kinds'

/** More than a project has programs; each costs a delivery for every event. */
export const webhooksMax = 5
export const urlCharactersMax = 500
/** Of new webhooks and changes. */
export const changesPerPerson = { times: 30, seconds: 3600 }
/** Of pings and replays: each makes us send something to somebody. */
export const sendsPerPerson = { times: 60, seconds: 3600 }
export const deliveriesPageRows = 20

/** What is wrong with an address to send to; `anywhere` is a site that is being tried out. */
export function urlProblem(text: string, anywhere: boolean): string | undefined {
  const url = URL.parse(text)
  const protocols = anywhere ? ['https:', 'http:'] : ['https:']
  if (!url || !protocols.includes(url.protocol)) {
    return 'Takes an address that begins with https://.'
  }
  if (url.username || url.password) return 'Takes an address without a user and a password.'
  return undefined
}

const ticked = z.string().optional()
const boxes = Object.fromEntries(webhookKindNames.map((kind) => [kind, ticked]))

/** An address and the kinds it is told of, each a box. */
export const webhookForm = (anywhere: boolean) =>
  z
    .looseObject({
      url: z
        .string()
        .trim()
        .min(1, 'Please give the address of your program.')
        .max(urlCharactersMax, `Takes at most ${urlCharactersMax} characters.`)
        .check((check) => {
          const message = urlProblem(check.value, anywhere)
          if (message) check.issues.push({ code: 'custom', message, input: check.value })
        }),
      ...boxes,
    })
    .transform(({ url, ...given }) => ({
      url,
      kinds: webhookKindNames.filter((kind): kind is WebhookKind => given[kind] !== undefined),
    }))
    .refine(({ kinds }) => kinds.length > 0, {
      path: ['kinds'],
      message: 'Please choose at least one.',
    })

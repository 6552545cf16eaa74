import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { readUpload } from '#features/images/parts/upload'
import { listRewards, type Reward } from '#features/projects/reads/rewards'
import type { AppEnv } from '#http/env'
import { type FormErrors, type FormValues, readForm } from '#http/forms'
import { blank, found, idSchema, parseProjectId, validQuery } from '#http/input'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { RewardPage, type RewardPageProps, RewardsEditorPage } from '../pages/rewards-pages'
import { isEditable } from '../rules'
import { actForm, moveForm } from '../rules/order'
import { blankReward, isSameReward, rewardValues } from '../rules/reward-values'
import { pictureProblem, type RewardTerms, rewardChangeForm, rewardForm } from '../rules/rewards'
import {
  addReward,
  changeBackedReward,
  changeReward,
  deleteReward,
  moveReward,
} from '../writes/rewards'
import { conflictOf, meanwhile, pressAgain } from './conflicts'
import { openDraft } from './open'

export const editRewards = new Hono<AppEnv>()

const root = '/projects/:project/edit/rewards'
const newPath = '/projects/:project/edit/new-reward'
const rewardPath = `${root}/:reward{[1-9][0-9]{0,14}}`

const doneSentences: Record<string, string> = {
  saved: 'The reward is saved.',
  deleted: 'The reward is deleted.',
}

const listQuery = validQuery(z.object({ done: z.string().optional() }))

editRewards.get(root, listQuery, (c) =>
  listPage(c, { done: doneSentences[c.req.valid('query').done ?? ''] }),
)

editRewards.get(newPath, validQuery(z.object({ copy: blank(idSchema) })), async (c) => {
  const { draft, rewards } = await open(c)
  if (!isEditable(draft)) return c.redirect(paths.edit(draft, 'rewards'), 303)
  const copied = rewards.find(({ id }) => id === c.req.valid('query').copy)
  const values = copied ? rewardValues(copied, draft.currency) : blankReward
  return renderPage(c, <RewardPage draft={draft} values={values} image={copied?.image ?? null} />)
})

editRewards.post(newPath, async (c) => {
  const { db, now } = c.var.deps
  const { viewer, draft } = await open(c)
  const form = await readReward(c, rewardForm({ currency: draft.currency, now: now() }), null)
  const { typed, data, picture } = form
  if (!data) return rewardPage(c, { draft, ...typed }, form.status)
  const { version, terms } = data
  try {
    await addReward(db, viewer, { projectId: draft.id, version }, { terms, picture })
  } catch (error) {
    return refused(c, error, { typed, terms })
  }
  return c.redirect(doneAt(draft, 'saved'), 303)
})

editRewards.get(rewardPath, async (c) => {
  const { draft, rewards } = await open(c)
  const reward = found(rewards.find(named(c)), new AppError('reward_not_found'))
  if (!isEditable(draft)) return c.redirect(paths.edit(draft, 'rewards'), 303)
  const values = rewardValues(reward, draft.currency)
  const { image } = reward
  return renderPage(c, <RewardPage draft={draft} reward={reward} values={values} image={image} />)
})

editRewards.post(rewardPath, async (c) => {
  const { db, now } = c.var.deps
  const { viewer, draft, rewards } = await open(c)
  const reward = found(rewards.find(named(c)), new AppError('reward_not_found'))
  const { id: rewardId, deliveryMonth } = reward
  const schema = rewardChangeForm({ currency: draft.currency, now: now(), deliveryMonth })
  const form = await readReward(c, schema, reward.image)
  const { typed, data, picture } = form
  if (!data) return rewardPage(c, { draft, reward, ...typed }, form.status)
  const terms = 'terms' in data ? data.terms : undefined
  const at = { projectId: draft.id, rewardId, version: data.version }
  try {
    if ('terms' in data) await changeReward(db, viewer, at, { terms: data.terms, picture })
    else await changeBackedReward(db, viewer, at, { quantity: data.quantity, picture })
  } catch (error) {
    return refused(c, error, { typed, terms, rewardId })
  }
  return c.redirect(doneAt(draft, 'saved'), 303)
})

editRewards.post(`${rewardPath}/move`, async (c) => {
  const { viewer, draft } = await openDraft(c)
  const { data } = await readForm(c, moveForm)
  if (!data) return listPage(c, { problem: pressAgain }, 422)
  const at = { projectId: draft.id, rewardId: numberOf(c), version: data.version }
  try {
    await moveReward(c.var.deps.db, viewer, at, data.to)
  } catch (error) {
    return listPage(c, { problem: conflictOf(error) }, 409)
  }
  return c.redirect(`${paths.edit(draft, 'rewards')}#reward-${at.rewardId}`, 303)
})

editRewards.post(`${rewardPath}/delete`, async (c) => {
  const { viewer, draft } = await openDraft(c)
  const { data } = await readForm(c, actForm)
  if (!data) return listPage(c, { problem: pressAgain }, 422)
  const at = { projectId: draft.id, rewardId: numberOf(c), version: data.version }
  try {
    await deleteReward(c.var.deps.db, viewer, at)
  } catch (error) {
    return listPage(c, { problem: conflictOf(error) }, 409)
  }
  return c.redirect(doneAt(draft, 'deleted'), 303)
})

const numberOf = (c: Context<AppEnv>) => Number(c.req.param('reward'))
const named = (c: Context<AppEnv>) => {
  const number = numberOf(c)
  return ({ id }: Reward) => id === number
}

const doneAt = (project: { id: number }, done: string) =>
  `${paths.edit(project, 'rewards')}?done=${done}`

/** The draft and its rewards, for whoever may edit them. */
async function open(c: Context<AppEnv>) {
  const id = parseProjectId(c.req.param('project') ?? '')
  const [opened, rewards] = await Promise.all([openDraft(c), listRewards(c.var.deps.db, id)])
  return { ...opened, rewards }
}

async function listPage(
  c: Context<AppEnv>,
  said: { done?: string | undefined; problem?: string },
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { draft, rewards } = await open(c)
  return renderPage(c, <RewardsEditorPage draft={draft} rewards={rewards} {...said} />, status)
}

type Typed = Pick<RewardPageProps, 'values' | 'errors' | 'image'>

const rewardPage = (c: Context<AppEnv>, props: RewardPageProps, status: 200 | 409 | 422) =>
  renderPage(c, <RewardPage {...props} />, status)

/**
 * Reads the form of a reward that had this picture before. Without `data` it goes back as it was
 * `typed`: something is wrong, or more rows were asked for.
 */
async function readReward<Schema extends z.ZodType>(
  c: Context<AppEnv>,
  schema: Schema,
  before: string | null,
) {
  const form = await readUpload(c, schema, 'image')
  const { values, data } = form
  const image = form.image === undefined ? before : (form.image?.hash ?? null)
  const picture = { image, imageAlt: (values['imageAlt'] ?? '').replace(/\s+/g, ' ').trim() }
  const unseen = pictureProblem(picture)
  const errors: FormErrors = { ...(unseen ? { imageAlt: unseen } : {}), ...form.errors }
  if (values['more'] !== undefined) {
    const wrong: FormErrors = errors['image'] ? { image: errors['image'] } : {}
    return { typed: { values, image, errors: wrong }, picture, status: 200 as const }
  }
  const typed: Typed = { values, image, errors }
  if (!data || unseen) return { typed, picture, status: 422 as const }
  return { typed, picture, data, status: 422 as const }
}

/** The form again with why it was not saved; what was merely sent twice is saved already. */
async function refused(
  c: Context<AppEnv>,
  error: unknown,
  form: { typed: Typed; terms: RewardTerms | undefined; rewardId?: number },
): Promise<Response> {
  if (!(error instanceof AppError)) throw error
  const { draft, rewards } = await open(c)
  const { typed, terms, rewardId } = form
  const reward = rewards.find(({ id }) => id === rewardId)
  const { code, field, detail } = error
  if (code === 'edited_meanwhile') {
    const candidates = rewardId === undefined ? rewards : rewards.filter((each) => each === reward)
    if (terms && candidates.some((each) => isSameReward(each, terms))) {
      return c.redirect(doneAt(draft, 'saved'), 303)
    }
    if (!reward) return rewardPage(c, { draft, ...typed, problem: meanwhile }, 409)
    const stored = rewardValues(reward, draft.currency)
    const isSame = !terms && Object.keys(stored).every((name) => isStored(typed, stored, name))
    if (isSame && typed.image === reward.image) return c.redirect(doneAt(draft, 'saved'), 303)
    return rewardPage(c, { draft, reward, ...typed, stored }, 409)
  }
  if (code === 'reward_backed') {
    return rewardPage(c, { draft, reward, ...typed, problem: error.sentence }, 409)
  }
  if (code !== 'invalid_input') throw error
  if (!field) return rewardPage(c, { draft, reward, ...typed, problem: detail }, 422)
  return rewardPage(c, { draft, reward, ...typed, errors: { [field]: detail ?? '' } }, 422)
}

const isStored = ({ values }: Typed, stored: FormValues, field: string) =>
  values[field] === undefined || values[field] === stored[field]

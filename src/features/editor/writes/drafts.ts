import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { rewardShipping, rewards } from '#db/schema/backing'
import { drafts } from '#db/schema/making'
import { categories, people, projects, stories } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { requireAccess } from '#features/projects/reads/access'
import { recordTransition } from '#features/projects/writes/lifecycle'
import { AppError } from '#lib/errors'
import { currencyExponent } from '#lib/money'
import { areTermsFixed, openDraftsMax } from '../rules'
import type { DraftBasics, Funding, LiveBasics, NewProject, StoryTexts } from '../rules/forms'
import { placeNamed } from './places'
import { beginSave, type Tx } from './versions'

/**
 * Begins a project of this person, as a draft, and returns its number. Throws AppError
 * invalid_input naming the field, and forbidden to whoever has too many under way.
 */
export async function createProject(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  { title, category, ...typed }: NewProject,
): Promise<number> {
  return await db.transaction(async (tx) => {
    // Whoever sends the form twice at once waits for themselves here.
    const [creator] = await tx
      .select({ name: people.name })
      .from(people)
      .where(eq(people.id, viewer.id))
      .for('no key update')
    if (!creator) throw new AppError('person_not_found')
    const open = await tx
      .select({
        id: projects.id,
        title: projects.title,
        isFresh: sql<boolean>`${projects.createdAt} > now() - interval '1 minute'`,
      })
      .from(projects)
      .where(
        and(eq(projects.creatorId, viewer.id), inArray(projects.status, ['draft', 'submitted'])),
      )
      .limit(openDraftsMax)
    const same = open.find((project) => project.isFresh && project.title === title)
    if (same) return same.id
    if (open.length >= openDraftsMax) {
      throw new AppError('forbidden', {
        detail: `You have ${openDraftsMax} projects under way. Launch or delete one first.`,
      })
    }
    const place = await placeNamed(tx, typed)
    const [project] = await tx
      .insert(projects)
      .values({
        ...{ title, description: '', goal: 0, status: 'draft' as const },
        ...{ creatorId: viewer.id, creatorName: creator.name },
        ...(await categoryNamed(tx, category)),
        ...(place ?? typed),
      })
      .returning({ id: projects.id })
    const projectId = project?.id as number
    await tx.insert(drafts).values({ projectId })
    await tx.insert(stories).values({ projectId, story: '', risks: '', budget: [] })
    const beginning = { from: null, to: 'draft', actorId: viewer.id, reason: '' } as const
    await recordTransition(tx, { projectId, ...beginning })
    return projectId
  })
}

/** A subcategory and what it belongs to. Throws AppError invalid_input when there is none such. */
async function categoryNamed(tx: Pick<Db, 'select'>, subcategory: string) {
  const [row] = await tx
    .select({ parent: categories.parent })
    .from(categories)
    .where(eq(categories.slug, subcategory))
  if (!row?.parent) {
    throw new AppError('invalid_input', { field: 'category', detail: 'Please choose one.' })
  }
  return { category: row.parent, subcategory }
}

interface Save<Data> {
  projectId: number
  data: Data & { version: number }
}

export interface Saved {
  /** Of the draft, from now on. */
  version: number
}

/**
 * Saves what a project is called and looks like. `image` is a picture's hash, null for the drawn
 * one, undefined to leave it as it is. A place there is none of yet is made unless `isTyping`: then
 * its name may not be whole, and the old one stays, as `isPlaceSaved` tells. Throws AppError
 * project_not_found, forbidden, wrong_state, edited_meanwhile, and invalid_input naming the field.
 */
export async function saveBasics(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  save: Save<DraftBasics | LiveBasics> & { image?: string | null | undefined; isTyping?: boolean },
): Promise<Saved & { isPlaceSaved: boolean }> {
  const { projectId, data, image, isTyping = false } = save
  await requireAccess(db, viewer, projectId, 'edit')
  return await db.transaction(async (tx) => {
    const { status, version } = await beginSave(tx, { projectId, version: data.version })
    const { title, description, tags } = data
    // Where it is filed is fixed with the launch, as are the terms.
    const isFiled = areTermsFixed(status)
    if (!isFiled && !('category' in data)) throw new AppError('edited_meanwhile')
    const place =
      isFiled || !('city' in data) ? undefined : await placeNamed(tx, data, { makes: !isTyping })
    await tx
      .update(projects)
      .set({
        ...{ title, description, tags },
        ...(image === undefined ? {} : { image }),
        ...(isFiled || !('category' in data) ? {} : await categoryNamed(tx, data.category)),
        ...place,
      })
      .where(eq(projects.id, projectId))
    return { version, isPlaceSaved: isFiled || place !== undefined }
  })
}

/**
 * Saves the terms of a draft. In another currency the sums keep their figures: 1,000 yen become
 * 1,000 dollars. Throws AppError as `saveBasics` does, and wrong_state from the launch on.
 */
export async function saveFunding(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  { projectId, data }: Save<Funding>,
): Promise<Saved> {
  await requireAccess(db, viewer, projectId, 'edit')
  return await db.transaction(async (tx) => {
    const { status, version, currency } = await beginSave(tx, { projectId, version: data.version })
    if (areTermsFixed(status)) throw new AppError('wrong_state')
    const { goal, allOrNothing, durationDays, plannedEnd } = data
    await tx
      .update(projects)
      .set({ goal, allOrNothing, currency: data.currency })
      .where(eq(projects.id, projectId))
    await tx.update(drafts).set({ durationDays, plannedEnd }).where(eq(drafts.projectId, projectId))
    const digits = currencyExponent(data.currency) - currencyExponent(currency)
    if (digits !== 0) await shiftSums(tx, projectId, digits)
    return { version }
  })
}

/** Moves the point of every sum in a project, so that it reads as before. */
async function shiftSums(tx: Tx, projectId: number, digits: number): Promise<void> {
  const shifted = (sum: unknown) => sql`round(${sum} * power(10::numeric, ${digits}::int))`
  await tx
    .update(rewards)
    .set({ amount: sql`greatest(1, ${shifted(rewards.amount)})` })
    .where(eq(rewards.projectId, projectId))
  await tx
    .update(rewardShipping)
    .set({ price: shifted(rewardShipping.price) })
    .where(eq(rewardShipping.projectId, projectId))
  const [texts] = await tx
    .select({ budget: stories.budget })
    .from(stories)
    .where(eq(stories.projectId, projectId))
  if (!texts) return
  const budget = texts.budget.map(({ label, amount }) => {
    return { label, amount: Math.round(amount * 10 ** digits) }
  })
  await tx.update(stories).set({ budget }).where(eq(stories.projectId, projectId))
}

/** Saves the long texts. Throws AppError as `saveBasics` does. */
export async function saveStory(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  { projectId, data }: Save<StoryTexts>,
): Promise<Saved> {
  await requireAccess(db, viewer, projectId, 'edit')
  return await db.transaction(async (tx) => {
    const { version } = await beginSave(tx, { projectId, version: data.version })
    const texts = { story: data.story, risks: data.risks, budget: data.budget }
    await tx
      .insert(stories)
      .values({ projectId, ...texts })
      .onConflictDoUpdate({ target: stories.projectId, set: texts })
    return { version }
  })
}

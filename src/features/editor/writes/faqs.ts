import { asc, eq } from 'drizzle-orm'
import type { Db } from '#db/client'
import { faqs } from '#db/schema/community'
import { projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { requireAccess } from '#features/projects/reads/access'
import { AppError } from '#lib/errors'
import { type Faq, faqsMax } from '../rules/faqs'
import { moved } from '../rules/order'
import { beginSave } from './versions'

interface At {
  projectId: number
  version: number
}

type StoredFaq = Faq & { position: number }

/** Its place in the list, from 1. */
type FaqAt = At & { position: number }

/**
 * Answers a question below the others. Throws AppError as `beginSave` and `requireAccess` do, and
 * invalid_input when there are as many as there may be.
 */
export async function addFaq(db: Db, viewer: Pick<Viewer, 'id'>, at: At, faq: Faq): Promise<void> {
  await changeFaqs(db, viewer, at, (list) => {
    if (list.length < faqsMax) return [...list, faq]
    throw new AppError('invalid_input', { detail: `A project has ${faqsMax} questions at most.` })
  })
}

/** Changes a question or its answer. Throws the same, and faq_not_found. */
export async function changeFaq(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  at: FaqAt,
  faq: Faq,
): Promise<void> {
  await changeFaqs(db, viewer, at, (list) => {
    const place = placeOf(list, at)
    return list.map((each, index) => (index === place ? faq : each))
  })
}

/** Moves a question up or down. Throws the same. */
export async function moveFaq(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  at: FaqAt,
  to: 'up' | 'down',
): Promise<void> {
  await changeFaqs(db, viewer, at, (list) => moved(list, placeOf(list, at), to))
}

/** Takes a question away; those below move up. Throws the same. */
export async function deleteFaq(db: Db, viewer: Pick<Viewer, 'id'>, at: FaqAt): Promise<void> {
  await changeFaqs(db, viewer, at, (list) => list.toSpliced(placeOf(list, at), 1))
}

function placeOf(list: readonly StoredFaq[], at: FaqAt): number {
  const place = list.findIndex(({ position }) => position === at.position)
  if (place < 0) throw new AppError('faq_not_found')
  return place
}

/** The place in the list is the key, so the few there are are written anew: no gap, none twice. */
async function changeFaqs(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  at: At,
  change: (list: StoredFaq[]) => Faq[],
): Promise<void> {
  const { projectId } = at
  await db.transaction(async (tx) => {
    await requireAccess(tx, viewer, projectId, ['edit', 'community'])
    await beginSave(tx, at)
    const stored = await tx
      .select({ position: faqs.position, question: faqs.question, answer: faqs.answer })
      .from(faqs)
      .where(eq(faqs.projectId, projectId))
      .orderBy(asc(faqs.position))
    const list = change(stored)
    await tx.delete(faqs).where(eq(faqs.projectId, projectId))
    if (list.length > 0) {
      const rows = list.map((faq, index) => ({ ...faq, projectId, position: index + 1 }))
      await tx.insert(faqs).values(rows)
    }
    await tx.update(projects).set({ faqsCount: list.length }).where(eq(projects.id, projectId))
  })
}

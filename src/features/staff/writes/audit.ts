import type { Db } from '#db/client'
import { auditLog } from '#db/schema/trust'
import type { Viewer } from '#db/sessions'
import type { Act } from '../rules'

export interface NewAct {
  act: Act
  aboutProject?: number | null
  aboutPerson?: number | null
  /** The update, comment or report it is about. */
  subject?: number | null
  reason?: string
}

/** Writes down what a member of staff does, in the transaction in which it is done. */
export async function recordAct(
  tx: Pick<Db, 'insert'>,
  staff: Pick<Viewer, 'id'>,
  act: NewAct,
): Promise<void> {
  await tx.insert(auditLog).values({ staffId: staff.id, ...act })
}

import { AppError } from '#lib/errors'

/** Above a form for something new, to whose version something was added. */
export const meanwhile =
  'Somebody has saved something else of this project since you opened this form. Nothing is lost: ' +
  'look it through and save again.'
/** To a button whose form had no version. */
export const pressAgain = 'That did not come from this page as it is now. Please press again.'

/**
 * What to say above a list when something changed before a button was pressed. Throws what is no
 * such conflict.
 */
export function conflictOf(error: unknown): string {
  if (!(error instanceof AppError) || error.status !== 409) throw error
  return error.code === 'edited_meanwhile'
    ? 'Somebody has changed this project meanwhile: here is how it stands. Nothing was done.'
    : error.sentence
}

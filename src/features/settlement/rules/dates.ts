/** From the settlement on, pledges that could not be charged may be mended. */
export const retryDays = 7
/** Whoever has not paid is told so often. */
export const reminderHours = 48
/** After the deadline: most that goes wrong with a charge has been heard of by then. */
export const payoutDays = 14

/** As many as any list of cards. */
export const savedRowsMax = 12
/** So long before the end a reminder goes out, or half way there when it is nearer. */
export const reminderHours = 48

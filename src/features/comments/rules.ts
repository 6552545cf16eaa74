/** Threads on one page; every thread shows its first replies. */
export const threadsPageRows = 12
export const repliesPerThreadMax = 100

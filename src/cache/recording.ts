/** What a handler says of its answer, for those who would keep it. */
export interface Recording {
  /** Absent: the answer is made anew each time. */
  keep?: {
    /** Whose changes make it old. */
    tags: readonly string[]
    /** Complete: nothing else makes it old. */
    tagged: boolean
  }
  /** The project whose campaign page this is: to be given it is a visit. */
  visitOf?: number
  /** From this moment on it reads differently, in milliseconds since 1970; the earliest is kept. */
  until: number
  /** The replica it is read from must have replayed the log up to here; 0 where any will do. */
  atLeast: bigint
  /** It was read from a replica that had replayed the log up to here, at least. */
  replayed?: bigint
}

export const newRecording = (atLeast = 0n): Recording => ({
  until: Number.POSITIVE_INFINITY,
  atLeast,
})

/** The names under which changes are announced. */
export const tags = {
  project: (id: number) => `project:${id}`,
  person: (id: number) => `person:${id}`,
}

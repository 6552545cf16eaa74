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
}

export const newRecording = (): Recording => ({ until: Number.POSITIVE_INFINITY })

/** The names under which changes are announced. */
export const tags = {
  project: (id: number) => `project:${id}`,
  person: (id: number) => `person:${id}`,
}

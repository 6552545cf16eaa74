/** What a backer asks a project for. Money is in minor units. */
export interface Wish {
  reward: number | null
  bonus: number
  total: number
}

export const verbs = ['place', 'change', 'cancel'] as const
export type Verb = (typeof verbs)[number]

/** One thing that one backer wanted of one project, under one key, however often it was sent. */
export interface Operation {
  projectId: number
  backerId: number
  key: string
  verb: Verb
  /** Null for a cancellation. */
  wish: Wish | null
  /** Its key was used before: for the same, or for something else. */
  repeats: 'same' | 'other' | null
  /** Times it was sent. */
  attempts: number
  /** Of these, how many may have been done without anybody hearing of it. */
  unheard: number
  /**
   * As its backer knows in the end. A refusal after an unheard attempt is unknown too: that attempt
   * may still be on its way. What is stored decides it afterwards.
   */
  outcome: 'ok' | 'refused' | 'unknown'
  /** By what is stored with its key, not by an answer. */
  isDecided: boolean
  /** The last answer, and of a refusal its code. */
  status: number
  code: string | null
  /** As the answer had them. */
  pledgeId: number | null
  total: number | null
}

/** In the order in which they began; those of one backer with one project never overlap. */
export type History = readonly Operation[]

/** One that was never sent. */
export const newOperation = (
  given: Pick<Operation, 'projectId' | 'backerId' | 'key' | 'verb' | 'wish'> & Partial<Operation>,
): Operation => ({
  ...{ repeats: null, attempts: 0, unheard: 0, outcome: 'unknown', status: 0, code: null },
  ...{ pledgeId: null, total: null, isDecided: false, ...given },
})

export const pairOf = ({ projectId, backerId }: { projectId: number; backerId: number }) =>
  `${projectId}/${backerId}`

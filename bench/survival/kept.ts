/** What is promised of a deed while something is not as it should be. */
export type Kept =
  /** It is done, as ever. */
  | 'works'
  /** The same, though what a dying process has in hand may break off: it is asked again. */
  | 'works again'
  /** A page that was there is shown, marked where it is old; another is refused at once. */
  | 'shown'
  /** It is done, or refused within a second and none of it done; it says when to come again. */
  | 'refused'
  /** The same; whoever is signed in stays so. */
  | 'stays'
  /** It is done once all is back, and once only. */
  | 'waits'
  /** It is refused for want of room, and nothing that was there is lost. */
  | 'no room'

/** What is promised, in a word or two of the table. */
export const keptWords: Record<Kept, string> = {
  works: 'works',
  'works again': 'works',
  shown: 'shown as it was',
  refused: '503 or done',
  stays: 'stays signed in',
  waits: 'waits',
  'no room': '507',
}

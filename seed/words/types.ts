/** One kind of thing people make in a subcategory, with the stories such things are about. */
export interface SubcategoryWords {
  /** URL part below the category, such as `tabletop`. */
  slug: string
  name: string
  /** What is made, with its article: `a co-operative board game`. Fits after "We are making". */
  things: string[]
  /** What it is about or made of; fits after every one of `things`: `about lighthouse keepers`. */
  abouts: string[]
}

/** A reward a creator of this category would offer. Cheapest first. */
export interface RewardWords {
  name: string
  description: string
  /** What the backer receives, one line each. */
  items: string[]
  /** Whole dollars. */
  price: number
  kind: 'digital' | 'physical' | 'experience'
}

/**
 * The words of one category. Templates may use {word} (the project's evocative name), {thing} (with its
 * article), {Thing} (the same, capitalised), {about}, {city}, {creator} (full name) and {first} (first name).
 */
export interface CategoryWords {
  slug: string
  name: string
  subcategories: SubcategoryWords[]
  /** Evocative one- or two-word names a project could carry: `Saltmarsh`. At most 18 characters. */
  words: string[]
  /** At most 60 characters once filled. */
  titles: string[]
  /** At most 135 characters once filled. */
  blurbs: string[]
  /** The story's parts in reading order; one variant of each part is taken. Markdown paragraphs. */
  story: string[][]
  risks: string[]
  /** Where the money goes: labels, largest share first. */
  budget: string[]
  rewards: RewardWords[]
  faqs: { question: string; answer: string }[]
  /** In the order a project would post them, from launch to delivery. */
  updates: { title: string; body: string }[]
  comments: string[]
  /** Answers a creator would give under any comment. */
  replies: string[]
  tags: string[]
}

import type { Db } from '#db/client'
import { searchProjects } from '#features/discover/reads/search'
import { suggest } from '#features/discover/reads/suggestions'
import { sampleOf } from './keys'
import { deep, firstPage, type PlanRead } from './limits'

/** Words that somebody could type, found in the texts of the database itself. */
export interface SearchTexts {
  /** One for each kind of search there is. */
  examples: Record<string, string>
  /** A mix of one and two words, common and rare. */
  queries: string[]
  /** The first two to six letters of such words. */
  prefixes: string[]
}

// Titles and blurbs of so many hold every common word and enough rare ones.
const sampleRows = 10_000
const singles = 70
const pairs = 50
const prefixLetters = [2, 3, 4, 5, 6]

interface Word {
  word: string
  projects: number
}

export async function findSearchTexts(db: Db): Promise<SearchTexts> {
  const { clause } = await sampleOf(db, 'projects', sampleRows)
  const listed = `projects ${clause} where is_listed(status)`
  // As they stand in the texts, not as stems; words that search leaves out are left out.
  const words = await db.$client.unsafe<Word[]>(`
    with words as (
      select lower(word) as word, count(distinct id)::int as projects
        from (select id, regexp_split_to_table(title || ' ' || description, '[^[:alpha:]]+') as word
          from ${listed}) texts
        where length(word) >= 3 group by 1)
    select word, projects from words
      where numnode(plainto_tsquery('english', word)) > 0 order by projects desc, word`)
  const titles = await db.$client.unsafe<{ title: string }[]>(`
    select title from ${listed} order by id limit ${pairs}`)
  const common = words.slice(0, singles).map(({ word }) => word)
  const rare = words.slice(-singles).map(({ word }) => word)
  const middle = spread(words, singles).map(({ word }) => word)
  // Forwards along the one, backwards along the other: no word with itself.
  const pair = (first: string[], second: string[]) =>
    first.slice(0, pairs).map((word, index) => `${word} ${second.at(-1 - index)}`)
  const fromTitles = titles.map(({ title }) =>
    title
      .split(/[^\p{L}]+/u)
      .slice(0, 2)
      .join(' '),
  )
  const typed = [...spread(common, 20), ...spread(middle, 20), ...spread(rare, 20)]
  return {
    examples: examplesOf(common, rare),
    queries: unique([
      ...[common, middle, rare].flat(),
      ...[pair(common, common), pair(common, rare), fromTitles].flat(),
    ]),
    prefixes: unique(
      prefixLetters.flatMap((letters) =>
        typed.filter((word) => word.length >= letters).map((word) => word.slice(0, letters)),
      ),
    ),
  }
}

function examplesOf(common: string[], rare: string[]): Record<string, string> {
  const [first = 'game', second = 'book'] = common
  const [some = 'zebra', other = 'quilt'] = rare.toReversed()
  return {
    'common word': first,
    'rare word': some,
    'two common words': `${first} ${second}`,
    'common and rare word': `${first} ${some}`,
    'two rare words': `${some} ${other}`,
    'a word nobody uses': 'qzxwvyk',
  }
}

const unique = (texts: string[]) => [...new Set(texts)]

/** So many of them, evenly from the first to the last. */
function spread<Item>(items: Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count)
  return Array.from({ length: Math.min(count, items.length) }, (_, index) => {
    return items[Math.floor(index * step)] as Item
  })
}

/** What is suggested for the beginnings of a common word and of a rare one. */
export function suggestionReads({ examples }: SearchTexts): PlanRead[] {
  const beginnings = ['common word', 'rare word', 'common and rare word'].flatMap((kind) => {
    const text = examples[kind] ?? ''
    return prefixLetters.map((letters) => text.slice(0, text.lastIndexOf(' ') + 1 + letters))
  })
  return [...new Set(beginnings)].map((text) => ({
    read: 'suggest',
    key: 'beginnings of words',
    variant: text,
    kind: 'suggestions',
    run: (db) => suggest(db, text),
  }))
}

/** The search page for each kind of words: its first page and the one after it. */
export async function searchReads(db: Db, { examples }: SearchTexts): Promise<PlanRead[]> {
  const reads = Object.entries(examples).map(async ([kind, text]) => {
    const { next } = await searchProjects(db, text)
    const read = (variant: string, after?: string): PlanRead => ({
      read: 'searchProjects',
      key: `${kind}: ${text}`,
      variant,
      kind: 'search',
      run: (session) => searchProjects(session, text, after),
    })
    return [read(firstPage), ...(next ? [read(deep, next)] : [])]
  })
  return (await Promise.all(reads)).flat()
}

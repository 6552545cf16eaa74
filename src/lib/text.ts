const wholeNumbers = new Intl.NumberFormat('en-US')

/** `12,345` */
export const formatCount = (count: number): string => wholeNumbers.format(count)

/** `1 backer`, `12,345 backers`; give the plural where an s does not make it. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** The first `wordsMax` words of a text without its Markdown marks, with … if there was more. */
export function excerpt(text: string, wordsMax: number): string {
  const words = text
    .replace(/!?\[([^\][]{0,500})\]\([^)\s]{0,500}\)/g, '$1')
    .replace(/[#*_`>]+/g, '')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
  const start = words.slice(0, wordsMax).join(' ')
  return words.length > wordsMax ? `${start.replace(/[.,;:!?]$/, '')} …` : start
}

/** The letters without their marks: `Montréal` is `Montreal`. */
export function withoutAccents(text: string): string {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '')
}

/** As `search_words` in the database folds a text: no accents, and apostrophes that are no letters. */
export function searchable(text: string): string {
  return withoutAccents(text).replaceAll('’', "'")
}

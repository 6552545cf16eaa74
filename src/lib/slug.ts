import { withoutAccents } from './text'

// Letters that Unicode does not decompose into a base and a mark.
const whole: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}

const slugCharactersMax = 60

/** `Île-de-France` → `ile-de-france`. At most 60 characters; a text without Latin letters gives ''. */
export function slugify(text: string): string {
  const latin = text.toLowerCase().replace(/[ßæœøłđðþı]/g, (letter) => whole[letter] ?? letter)
  return withoutAccents(latin)
    .replace(/[’']/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, slugCharactersMax)
    .replace(/^-+|-+$/g, '')
}

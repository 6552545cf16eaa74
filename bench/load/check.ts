import { CommandError } from '#lib/errors'
import type { Address } from '#server/ask'
import { get, textOf } from './http'
import { drawPage, type Page, type Traffic } from './traffic'
import { browserHeaders } from './wrk'

const pagesChecked = 20

/**
 * Asks for some of the pages as the load will, and throws unless each is there without a redirect
 * and shows its project: a server that answers something else is not measured.
 */
export async function checkPages(address: Address, traffic: Traffic, who: string): Promise<void> {
  for (let asked = 0; asked < pagesChecked; asked++) {
    await checkPage(address, drawPage(traffic), who)
  }
}

async function checkPage(address: Address, { path, title }: Page, who: string): Promise<void> {
  const answer = await get(address, path, browserHeaders)
  if (answer.status !== 200) {
    throw new CommandError(`${who} answered ${path} with ${answer.status} and is not measured.`)
  }
  if (!unescaped(textOf(answer)).includes(title)) {
    throw new CommandError(`${who} answered ${path} without “${title}” and is not measured.`)
  }
}

const characters: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#x27': "'",
  '#39': "'",
}

/** The text of HTML or JSON as far as titles need it. */
const unescaped = (text: string) =>
  text
    .replaceAll('\\"', '"')
    .replace(/&(amp|lt|gt|quot|#x27|#39);/g, (_, name: string) => characters[name] ?? '')

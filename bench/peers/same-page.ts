/** How far a peer's page may be from ours in size, its scripts apart. */
export const sizeTolerance = 0.1

const namedEntities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** A page without its scripts: Next puts the data of the whole page into them once more. */
const markupOf = (html: string) =>
  html.replaceAll(/<script\b[\s\S]*?<\/script>|<link\b[^>]*as="script"[^>]*>/g, '')

const textOf = (html: string) =>
  markupOf(html)
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
      if (name) return namedEntities[name] ?? entity
      return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
    })
    .replaceAll(/\s+/g, ' ')
    .trim()

const countOf = (pattern: RegExp, html: string) => html.match(pattern)?.length ?? 0

/**
 * How a peer's project page differs from ours of the same project and minute: in its visible text,
 * its number of rewards, its size. One sentence each; none if they are the same page.
 */
export function differences(ours: string, theirs: string): string[] {
  const found: string[] = []
  const [text, otherText] = [textOf(ours), textOf(theirs)]
  if (text !== otherText) {
    const at = [...text].findIndex((character, index) => character !== otherText[index])
    const near = (whole: string) => JSON.stringify(whole.slice(Math.max(0, at - 20), at + 40))
    found.push(`its text has ${near(otherText)} where ours has ${near(text)}`)
  }
  const rewards = /<article class="reward /g
  if (countOf(rewards, ours) !== countOf(rewards, theirs)) {
    found.push(`it has ${countOf(rewards, theirs)} rewards, ours ${countOf(rewards, ours)}`)
  }
  const ratio = Buffer.byteLength(markupOf(theirs)) / Buffer.byteLength(markupOf(ours))
  if (Math.abs(ratio - 1) > sizeTolerance) {
    found.push(`its markup is ${ratio.toFixed(2)} times as long as ours`)
  }
  return found
}

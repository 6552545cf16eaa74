import type { Context } from 'hono'
import { compressed } from './compress'
import type { AppEnv } from './env'

export interface AtomEntry {
  /** Absolute, and the same for good: titles change, and addresses with them. */
  id: string
  /** Absolute. */
  url: string
  title: string
  /** Plain text. */
  summary: string
  author: string
  updatedAt: Date
  /** Absolute, of a WebP. */
  picture?: string | undefined
}

/** An Atom feed (RFC 4287), newest entry first. */
export function atomFeed(
  c: Context<AppEnv>,
  feed: { title: string; url: string; selfUrl: string; entries: AtomEntry[]; emptyAt: Date },
): Response {
  const times = feed.entries.map((entry) => entry.updatedAt.getTime())
  const updatedAt = times.length > 0 ? new Date(Math.max(...times)) : feed.emptyAt
  const xml = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<title>${escapeXml(feed.title)}</title>`,
    `<id>${escapeXml(feed.selfUrl)}</id>`,
    `<link rel="self" type="application/atom+xml" href="${escapeXml(feed.selfUrl)}"/>`,
    `<link href="${escapeXml(feed.url)}"/>`,
    `<updated>${updatedAt.toISOString()}</updated>`,
    ...feed.entries.map(entryXml),
    '</feed>',
    '',
  ].join('\n')
  return compressed(c, xml, 'application/atom+xml; charset=utf-8')
}

function entryXml({ id, url, title, summary, author, updatedAt, picture }: AtomEntry): string {
  return [
    '<entry>',
    `<title>${escapeXml(title)}</title>`,
    `<id>${escapeXml(id)}</id>`,
    `<link href="${escapeXml(url)}"/>`,
    ...(picture ? [`<link rel="enclosure" type="image/webp" href="${escapeXml(picture)}"/>`] : []),
    `<updated>${updatedAt.toISOString()}</updated>`,
    `<author><name>${escapeXml(author)}</name></author>`,
    `<summary>${escapeXml(summary)}</summary>`,
    '</entry>',
  ].join('\n')
}

const xmlEntities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Also drops the control characters that XML cannot carry in any form. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
      .replace(/[&<>"]/g, (character) => xmlEntities[character] ?? character)
  )
}

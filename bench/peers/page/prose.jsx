import { Marked } from 'marked'

/** Stands in for the site's Prose where there is no `Bun.markdown`: the same rules, by `marked`. */

const safeLink = /^(https?:\/\/|mailto:)/i
const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' }
const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => entities[character])

const marked = new Marked({
  renderer: {
    heading({ tokens, depth }) {
      const level = depth < 3 ? 3 : 4
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`
    },
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens)
      return safeLink.test(href)
        ? `<a href="${escapeHtml(href)}" rel="nofollow ugc noopener">${text}</a>`
        : text
    },
    image: ({ text }) => escapeHtml(text),
    html: ({ text }) => escapeHtml(text),
  },
})

export function Prose({ text }) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: raw HTML was escaped above.
  return <div className="prose" dangerouslySetInnerHTML={{ __html: marked.parse(text) }} />
}

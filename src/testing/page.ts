/** What a test wants to know of an HTML answer. */
export interface Page {
  status: number
  html: string
  title: string
  /** Absolute; null without one. */
  canonical: string | null
  h1: string[]
  /** Everything readable in it, spaces run together. */
  text: string
  /** `href` of every link that stays on the site, in order. */
  links: string[]
}

/** Reads an answer to its end and takes it apart. */
export async function readPage(response: Response): Promise<Page> {
  const html = await response.text()
  const page: Page = {
    status: response.status,
    html,
    title: '',
    canonical: null,
    h1: [],
    text: '',
    links: [],
  }
  const append = (field: 'title' | 'text') => ({
    text({ text }: { text: string }) {
      page[field] += text
    },
  })
  const rewriter = new HTMLRewriter()
    .on('head title', append('title'))
    .on('body', append('text'))
    .on('link[rel=canonical]', {
      element(link) {
        page.canonical = link.getAttribute('href')
      },
    })
    .on('h1', {
      element() {
        page.h1.push('')
      },
      text({ text }) {
        page.h1.push((page.h1.pop() ?? '') + text)
      },
    })
    .on('a[href]', {
      element(link) {
        const href = decode(link.getAttribute('href') ?? '')
        if (href.startsWith('/')) page.links.push(href)
      },
    })
  rewriter.transform(html)
  page.text = decode(page.text).replace(/\s+/g, ' ')
  page.title = decode(page.title)
  return page
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" }

const decode = (text: string) =>
  text.replace(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole)

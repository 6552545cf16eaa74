import type { ReactNode } from 'react'

const safeLink = /^(https?:\/\/|mailto:)/i

// A text's own headings begin below the page's; its links get no credit from us; raw HTML stays text.
const elements = {
  h1: ({ children }: { children?: ReactNode }) => <h3>{children}</h3>,
  h2: ({ children }: { children?: ReactNode }) => <h3>{children}</h3>,
  h3: ({ children }: { children?: ReactNode }) => <h4>{children}</h4>,
  a: ({ href, children }: { href?: string; children?: ReactNode }) =>
    href && safeLink.test(href) ? (
      <a href={href} rel="nofollow ugc noopener">
        {children}
      </a>
    ) : (
      children
    ),
  img: ({ alt }: { alt?: string }) => alt ?? null,
}

/** Markdown written by people, as safe HTML. */
export function Prose({ text }: { text: string }) {
  return (
    <div className="prose">
      {Bun.markdown.react(text, elements, { noHtmlBlocks: true, noHtmlSpans: true })}
    </div>
  )
}

import type { ReactNode } from 'react'
import { Picture } from './picture'

const ownPicture = /^\/images\/([0-9a-f]{32})\/\d{3,4}\.webp$/
const pictureSize = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/
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
  img: ProsePicture,
}

/** Pictures from elsewhere would tell their owners who reads, and may change. */
function ProsePicture({ src, alt, title }: { src?: string; alt?: string; title?: string }) {
  const hash = ownPicture.exec(src ?? '')?.[1]
  if (!hash) return alt ?? null
  const [, width, height] = (pictureSize.exec(title ?? '') ?? []).map(Number)
  const size = width && height ? { width, height } : {}
  return <Picture hash={hash} alt={alt ?? ''} sizes="(min-width: 50rem) 45rem, 100vw" {...size} />
}

/** Markdown written by people, as safe HTML. */
export function Prose({ text }: { text: string }) {
  return (
    <div className="prose">
      {Bun.markdown.react(text, elements, { noHtmlBlocks: true, noHtmlSpans: true })}
    </div>
  )
}

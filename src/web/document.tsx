import type { ReactNode } from 'react'
import { AccountNav } from './components/account-nav'
import { Bolt } from './components/bolt'
import { StartLink } from './components/start-link'
import { paths } from './paths'
import { useSite } from './site'

interface DocumentProps {
  /** Of this page alone; the site's name is added. */
  title: string
  description?: string
  /** Path of the one address this page should be known by. */
  canonical?: string
  /** Path of a picture for link previews. */
  picture?: string
  /** Path and title of an Atom feed. */
  feed?: { href: string; title: string }
  /** Kept out of search engines. */
  hidden?: boolean
  /** Has forms or figures that a script makes handier, as the menu of whoever is signed in is. */
  scripted?: boolean
  /** What the search box shows. */
  query?: string
  children: ReactNode
}

/** The whole HTML document around a page. */
export function Document(props: DocumentProps) {
  const { stylesheet, script, font, viewer } = useSite()
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="preload" href={font} as="font" type="font/woff2" crossOrigin="anonymous" />
        <link rel="stylesheet" href={stylesheet} />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        {(props.scripted || viewer) && <script type="module" src={script} />}
        <Meta {...props} />
      </head>
      <body>
        <a className="skip-link" href="#main">
          Skip to content
        </a>
        <Header {...(props.query === undefined ? {} : { query: props.query })} />
        <main id="main">{props.children}</main>
        <Footer />
      </body>
    </html>
  )
}

function Meta({ title, description, canonical, picture, feed, hidden }: DocumentProps) {
  const { baseUrl } = useSite()
  return (
    <>
      <title>{`${title} · Jumpstarter`}</title>
      {description && <meta name="description" content={description} />}
      {hidden && <meta name="robots" content="noindex" />}
      {canonical && <link rel="canonical" href={baseUrl + canonical} />}
      <meta property="og:site_name" content="Jumpstarter" />
      <meta property="og:type" content="website" />
      <meta property="og:title" content={title} />
      {description && <meta property="og:description" content={description} />}
      {canonical && <meta property="og:url" content={baseUrl + canonical} />}
      {picture && <meta property="og:image" content={baseUrl + picture} />}
      {picture && <meta name="twitter:card" content="summary_large_image" />}
      {feed && (
        <link rel="alternate" type="application/atom+xml" href={feed.href} title={feed.title} />
      )}
    </>
  )
}

function Header({ query }: { query?: string }) {
  return (
    <header className="site-header">
      <div className="site-header-inner">
        <a className="wordmark" href={paths.home()}>
          <Bolt />
          <span>Jumpstarter</span>
        </a>
        <nav className="site-nav" aria-label="Site">
          <a href={paths.discover()}>Discover</a>
          <a href={paths.discover({ sort: 'ending' })}>Ending soon</a>
          <a href={paths.places()}>Places</a>
          <StartLink />
        </nav>
        <search>
          <form action={paths.search()} className="search-box">
            <label className="visually-hidden" htmlFor="site-search">
              Search projects
            </label>
            <input
              id="site-search"
              type="search"
              name="q"
              placeholder="Search projects"
              defaultValue={query}
              maxLength={200}
              required
            />
            <button type="submit">Search</button>
          </form>
        </search>
        <AccountNav />
      </div>
    </header>
  )
}

function Footer() {
  return (
    <footer className="site-footer">
      <div className="site-footer-inner">
        <p>
          <strong>Jumpstarter</strong> People putting money behind things they would like to exist.
        </p>
        <nav aria-label="More">
          <a href={paths.discover()}>All projects</a>
          <StartLink />
          <a href={paths.newestFeed()}>Newest as a feed</a>
          <a href={paths.api()}>API</a>
          <a href={paths.performance()}>Performance</a>
        </nav>
      </div>
    </footer>
  )
}

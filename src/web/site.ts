import { createContext, use } from 'react'

/** What every page needs to know of the running site. */
export interface Site {
  /** Without a slash at its end. */
  baseUrl: string
  stylesheet: string
  font: string
  /** The moment the page is made, for everything relative to now. */
  now: Date
}

export const SiteContext = createContext<Site | null>(null)

export function useSite(): Site {
  const site = use(SiteContext)
  if (!site) throw new Error('a page is rendered outside of renderPage')
  return site
}

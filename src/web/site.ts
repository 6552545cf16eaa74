import { createContext, use } from 'react'
import type { Clock } from '#lib/time'

/** What every page needs to know of the running site, and of the moment it is made. */
export interface Site extends Clock {
  /** Without a slash at its end. */
  baseUrl: string
  stylesheet: string
  script: string
  font: string
  /** Who is signed in. */
  viewer?:
    | { id: number; name: string; image: string | null; role: 'member' | 'staff'; unseen: number }
    | undefined
}

export const SiteContext = createContext<Site | null>(null)

export function useSite(): Site {
  const site = use(SiteContext)
  if (!site) throw new Error('a page is rendered outside of renderPage')
  return site
}

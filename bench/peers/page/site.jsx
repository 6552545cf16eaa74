import { cache } from 'react'

/** Stands in for the site's context among server components, which have none: one per request. */

const current = cache(() => ({ site: null }))

export function SiteContext({ value, children }) {
  current().site = value
  return children
}

export const useSite = () => current().site

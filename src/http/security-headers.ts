const yearS = 365 * 24 * 3600

const policy = (script: string, formTargets: readonly string[] = []) =>
  [
    "default-src 'none'",
    `script-src ${script}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    ["form-action 'self'", ...formTargets].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** On every answer, errors included. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': policy("'self'"),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
}

/**
 * The same for a site: on https with one more, by which browsers go there, and to the names below
 * it, by nothing else for a year; and what forms may lead to beside the site itself.
 */
export const securityHeadersOf = (
  baseUrl: string,
  formTargets: readonly string[],
): Readonly<Record<string, string>> => ({
  ...securityHeaders,
  'Content-Security-Policy': policy("'self'", formTargets),
  ...(baseUrl.startsWith('https:')
    ? { 'Strict-Transport-Security': `max-age=${yearS}; includeSubDomains` }
    : {}),
})

/** For a streamed page, whose late sections are put in place by React's inline script. */
export const streamedPolicy = (nonce: string): string => policy(`'self' 'nonce-${nonce}'`)

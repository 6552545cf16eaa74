const yearS = 365 * 24 * 3600

const policy = (script: string) =>
  [
    "default-src 'none'",
    `script-src ${script}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
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

/** The same with one more where the site is on https: browsers go there by nothing else for a year. */
export const securityHeadersOf = (baseUrl: string): Readonly<Record<string, string>> =>
  baseUrl.startsWith('https:')
    ? { ...securityHeaders, 'Strict-Transport-Security': `max-age=${yearS}` }
    : securityHeaders

/** For a streamed page, whose late sections are put in place by React's inline script. */
export const streamedPolicy = (nonce: string): string => policy(`'self' 'nonce-${nonce}'`)

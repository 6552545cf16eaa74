import { errorCatalogue } from '#lib/errors'

const { status, title, sentence } = errorCatalogue.busy
/** In seconds, in turns: who is told the same comes back at the same moment. */
const retryAfter = [3, 4, 5, 6, 7, 8]

/**
 * Answers that are made beforehand, for a moment at which there is no time to make any: a page for
 * people, which asks again by itself, and problem+json (RFC 9457) below /api.
 */
export function refusals(
  stylesheet: string,
  securityHeaders: Readonly<Record<string, string>>,
): (path: string) => Response {
  const encoder = new TextEncoder()
  const forms = retryAfter.map((seconds) => {
    const headers = (type: string) => {
      const made = new Headers(securityHeaders)
      made.set('Content-Type', type)
      made.set('Retry-After', String(seconds))
      made.set('Cache-Control', 'no-store')
      return made
    }
    return {
      page: encoder.encode(pageOf(stylesheet, seconds)),
      pageHeaders: headers('text/html; charset=UTF-8'),
      problem: encoder.encode(
        JSON.stringify({ type: 'urn:jumpstarter:busy', title, status, detail: sentence }),
      ),
      problemHeaders: headers('application/problem+json'),
    }
  })
  let turn = 0
  return (path) => {
    turn = (turn + 1) % forms.length
    const form = forms[turn] as (typeof forms)[number]
    return path.startsWith('/api/')
      ? new Response(form.problem, { status, headers: form.problemHeaders })
      : new Response(form.page, { status, headers: form.pageHeaders })
  }
}

const pageOf = (stylesheet: string, seconds: number) => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="${seconds}">
<title>${title}</title>
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<main id="main">
<div class="error-page">
<p class="error-page-status">${status}</p>
<h1>${title}</h1>
<p>${sentence} This page asks again by itself.</p>
</div>
</main>
</body>
</html>
`

/** What a mail says: greeting, paragraphs, and the one thing to do. */
export interface Letter {
  subject: string
  greeting: string
  paragraphs: string[]
  action?: { label: string; url: string }
  /** Below the line: why this came. */
  reason: string
  /** Where mails of this kind are ended. */
  unsubscribe?: string | undefined
}

/** The same letter for readers of text and of HTML. */
export function writeLetter(letter: Letter): { subject: string; text: string; html: string } {
  return { subject: letter.subject, text: asText(letter), html: asHtml(letter) }
}

function asText({ greeting, paragraphs, action, reason, unsubscribe }: Letter): string {
  const todo = action ? [`${action.label}:\n${action.url}`] : []
  const end = unsubscribe ? [`No more mails like this:\n${unsubscribe}`] : []
  const parts = [greeting, ...paragraphs, ...todo, '-- \nJumpstarter', reason, ...end]
  return `${parts.join('\n\n')}\n`
}

function asHtml({ subject, greeting, paragraphs, action, reason, unsubscribe }: Letter): string {
  const paragraph = (text: string, style = '') => `<p style="margin:0 0 16px;${style}">${text}</p>`
  const button = action
    ? paragraph(
        `<a href="${escaped(action.url)}" style="display:inline-block;padding:12px 24px;` +
          'background:#4230d6;color:#ffffff;border-radius:8px;font-weight:600;text-decoration:none">' +
          `${escaped(action.label)}</a>`,
      ) + paragraph(escaped(action.url), 'color:#53556f;font-size:14px;word-break:break-all')
    : ''
  const end = unsubscribe
    ? ` · <a href="${escaped(unsubscribe)}" style="color:#53556f">No more mails like this</a>`
    : ''
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;background:#f0f1f7;color:#14132b;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border-radius:12px">
${[greeting, ...paragraphs].map((text) => paragraph(escaped(text))).join('\n')}
${button}
<p style="margin:24px 0 0;padding-top:16px;border-top:1px solid #dfe0eb;color:#53556f;font-size:14px">
Jumpstarter · ${escaped(reason)}${end}</p>
</div></body></html>
`
}

const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

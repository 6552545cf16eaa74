/** Whether an Accept-Encoding header takes this coding, by name and not at weight 0. */
export function accepts(header: string | null | undefined, coding: string): boolean {
  return (header ?? '').split(',').some((part) => {
    const [name, weight] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q\s*=\s*/)
    return name === coding && Number(weight ?? 1) > 0
  })
}

/** Whether the reader who sends this If-None-Match has it already (RFC 9110, 13.1.2). */
export function isKnown(tag: string, ifNoneMatch: string | null | undefined): boolean {
  const opaque = (text: string) => text.trim().replace(/^W\//, '')
  return (ifNoneMatch ?? '')
    .split(',')
    .some((known) => known.trim() === '*' || opaque(known) === opaque(tag))
}

/** Whether its body may be a picture, by what it says of itself. */
export const sendsFile = ({ headers }: Pick<Request, 'headers'>): boolean =>
  /^(?:multipart|image)\//.test(headers.get('content-type') ?? '')

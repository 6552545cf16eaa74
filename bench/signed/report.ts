import { rounded, us } from '../database/report'
import { markdownTable, textTable } from '../report'
import type { SignedPage } from './signed'

/** The rows of the JSON file. */
export const signedRows = (pages: SignedPage[]): object[] =>
  pages.map(({ id, anonymousUs, signedUs, ratio }) => ({
    id,
    anonymous_cpu_us: rounded(anonymousUs, 0),
    signed_cpu_us: rounded(signedUs, 0),
    ratio: rounded(ratio?.ratio, 3),
    ratio_low: rounded(ratio?.low, 3),
    ratio_high: rounded(ratio?.high, 3),
  }))

const headers = ['page', 'anonymous µs', 'signed in µs', 'ratio', '95 % interval']

const cells = (pages: SignedPage[]): string[][] =>
  pages.map(({ id, anonymousUs, signedUs, ratio }) => [
    ...[id, us(anonymousUs), us(signedUs), ratio?.ratio.toFixed(2) ?? '–'],
    ratio ? `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}` : '–',
  ])

export const signedText = (pages: SignedPage[]): string => textTable(headers, cells(pages))

export const signedMarkdown = (pages: SignedPage[]): string => `# Pages of people signed in

What a page costs the worker in processor time when it is made anew, for somebody without a cookie
and for somebody signed in.

${markdownTable(headers, cells(pages))}
`

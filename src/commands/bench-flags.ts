import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What every instrument understands. */
export const benchFlags = {
  data: { type: 'string' },
  out: { type: 'string' },
} as const

/** The lines of an instrument's usage about them. */
export const benchFlagsUsage = `  --data DIR      where the embedded Postgres keeps its data
  --out DIR       where the results go; by default bench/results, if there is one here, else here
  --help          show this`

/** Where results go: `--out`, or `bench/results` of a checkout, or the current directory. */
export function resultsDirectory(out: string | undefined): string {
  if (out !== undefined) return resolve(out)
  const usual = join(process.cwd(), 'bench', 'results')
  return statSync(usual, { throwIfNoEntry: false })?.isDirectory() ? usual : process.cwd()
}

/** The flags that change what is measured, for whoever repeats it: not where things lie. */
export const spokenFlags = (args: string[]): string[] =>
  args.filter(
    (word, index) =>
      !/^--(data|out)(=|$)/.test(word) && !/^--(data|out)$/.test(args[index - 1] ?? ''),
  )

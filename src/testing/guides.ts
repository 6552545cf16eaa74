import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Machine } from './machine'

/** Where the documents for operators are. */
export const guidesDirectory = resolve(import.meta.dir, '..', 'documents')
export const readGuide = (name: string) => readFileSync(join(guidesDirectory, name), 'utf8')

/** One block of commands of a document. */
export interface Step {
  heading: string
  script: string
  /** What is typed when one of them asks. */
  typed: string
  /** Lines that they print, among others; … is anything. */
  shown: string[]
}

const fence = /^```(\w*)\n([\s\S]*?)^```$|^#+ (.*)$|^<!-- typed: (.*) -->$/gm

/** The `sh` blocks of a document in their order; a `text` block says what is printed. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = []
  let heading = ''
  let typed = ''
  for (const [, language, body = '', title, answer] of markdown.matchAll(fence)) {
    if (title !== undefined) heading = title
    else if (answer !== undefined) typed = answer
    else if (language === 'sh') {
      steps.push({ heading, script: body, typed, shown: [] })
      typed = ''
    } else if (language === 'text') {
      steps.at(-1)?.shown.push(...body.split('\n').filter((line) => line !== ''))
    }
  }
  return steps
}

/** Which of the lines has not been printed, in their order; … is anything. */
export function missingLine(output: string, lines: readonly string[]): string | undefined {
  let from = 0
  return lines.find((line) => {
    const pattern = line.split('…').map(RegExp.escape).join('.*')
    const found = new RegExp(pattern).exec(output.slice(from))
    if (found) from += found.index + found[0].length
    return found === null
  })
}

/** Types all commands of a document into a machine; how many blocks there were. */
export async function follow(machine: Machine, name: string): Promise<number> {
  const steps = stepsOf(readGuide(name))
  await typeSteps(machine, name, steps)
  return steps.length
}

/**
 * Types commands of a document, as they stand there, and says of each how long it took. Throws an
 * Error with what was printed at the first that fails, or prints something else.
 */
export async function typeSteps(machine: Machine, name: string, steps: Step[]): Promise<void> {
  for (const { heading, script, typed, shown } of steps) {
    const startedAt = performance.now()
    const { exitCode, output } = await machine.type(script, typed === '' ? '' : `${typed}\n`)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const [first = ''] = script.split('\n')
    process.stderr.write(`  ${name} · ${heading}: ${first} (${seconds} s)\n`)
    const missing = missingLine(output, shown)
    if (exitCode === 0 && missing === undefined) continue
    const what = exitCode === 0 ? `did not print “${missing}”` : `ended with ${exitCode}`
    const { output: log } = await machine.type('journalctl --no-pager --output cat --lines 30')
    throw new Error(`${name}, ${heading}:\n${script}${what}:\n${output.slice(-4_000)}\n${log}`)
  }
}

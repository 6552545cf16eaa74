import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { CommandError } from '#lib/errors'

/** Asks for something that nobody should see; without a terminal, reads a line. */
export async function readSecret(question: string): Promise<string> {
  const { stdin, stderr } = process
  const isAsked = stdin.isTTY === true
  if (isAsked) stderr.write(question)
  // The terminal is read key by key, so that what is typed can be kept from it.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: silent, terminal: isAsked })
  try {
    for await (const line of reader) return line
    throw new CommandError('There was no password on standard input.')
  } finally {
    reader.close()
    if (isAsked) stderr.write('\n')
  }
}

import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settings } from '#settings'
import { findProgram, installPackages } from '#testing/packages'
import { checkoutCommand, run } from '#testing/program'
import { known } from './commands'
import { completionScript } from './completion'
import { manualPage } from './manual'
import { flagsOf, parseUsage, wordsOf } from './usage-text'

setDefaultTimeout(180_000)

beforeAll(() => installPackages({ man: 'man-db', mandoc: 'mandoc', zsh: 'zsh', fish: 'fish' }))

async function inFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-documents-'))
  try {
    const file = join(directory, 'jumpstarter.1')
    await Bun.write(file, text)
    return await use(file)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const tool = (name: string, ...words: string[]) => run([findProgram(name) ?? name, ...words])

describe('the manual', () => {
  const page = manualPage(known, new Date('2026-11-23'))

  test('is without a warning for groff and mandoc', async () => {
    await inFile(page, async (file) => {
      const groff = await tool('man', '--warnings', '-E', 'UTF-8', '-Tutf8', '-Z', '-l', file)
      expect({ exitCode: groff.exitCode, stderr: groff.stderr }).toEqual({
        exitCode: 0,
        stderr: '',
      })
      const lint = await tool('mandoc', '-T', 'lint', '-W', 'warning', file)
      expect(lint).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    })
  })

  test('complaints are heard', async () => {
    await inFile(`${page}\n.XY nothing\n`, async (file) => {
      expect((await tool('mandoc', '-T', 'lint', '-W', 'warning', file)).stdout).toContain('XY')
    })
  })

  test('names every command, flag and setting', async () => {
    const shown = await inFile(page, (file) =>
      tool('mandoc', '-T', 'ascii', '-O', 'width=200', file),
    )
    const text = shown.stdout.replaceAll(new RegExp(`.${'\b'}`, 'g'), '')
    for (const [name, { usage }] of Object.entries(known)) {
      expect(text).toContain(`jumpstarter ${name}`)
      // Many lists leave out what all commands have.
      for (const flag of flagsOf(parseUsage(usage)).filter((each) => each.name !== 'help')) {
        expect(text).toContain(`--${flag.name}`)
      }
    }
    for (const name of Object.keys(settings)) expect(text).toContain(name)
  })

  test('is printed by generate', async () => {
    const printed = await run([...checkoutCommand, 'generate', 'man'])
    expect(printed).toMatchObject({ exitCode: 0, stderr: '' })
    expect(printed.stdout).toStartWith('.TH JUMPSTARTER 1 ')
    expect(await run([...checkoutCommand, 'generate', 'man', 'page'])).toMatchObject({
      exitCode: 2,
    })
  })
})

describe('completion', () => {
  /** What bash offers for the last of the words. */
  async function offered(...words: string[]): Promise<string[]> {
    const typed = ['jumpstarter', ...words].map((word) => `'${word}'`).join(' ')
    const script = `${completionScript('bash', known)}
      COMP_WORDS=(${typed}) COMP_CWORD=${words.length}
      _jumpstarter && printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr } = await run(['/bin/bash', '--norc', '-c', script])
    expect(stderr).toBe('')
    return stdout.split('\n').filter((line) => line !== '')
  }

  test('bash offers commands, their words, flags and choices', async () => {
    expect(await offered('ver')).toEqual(['verify', 'version'])
    expect(await offered('generate', 'ha')).toEqual(['haproxy'])
    expect(await offered('doctor', '--js')).toEqual(['--json'])
    expect(await offered('seed', '--scale', '')).toEqual(['demo', '1m', 'full'])
    expect(await offered('--mig')).toEqual(['--migrate'])
    expect(await offered('serve', '--data', '/usr/shar')).toEqual(['/usr/share'])
    expect(await offered('serve', '--workers', '')).toEqual([])
    expect(await offered('nothing', '--')).toEqual([])
  })

  test('bash knows every command, word and flag', async () => {
    expect(await offered('')).toEqual([...Object.keys(known), 'help'])
    for (const [name, { usage }] of Object.entries(known)) {
      const parsed = parseUsage(usage)
      const flags = flagsOf(parsed).map((flag) => `--${flag.name}`)
      expect(await offered(name, '')).toEqual([...wordsOf(parsed), ...flags])
    }
  })

  test('zsh and fish take theirs', async () => {
    for (const shell of ['zsh', 'fish'] as const) {
      const parsed = await inFile(completionScript(shell, known), (file) => tool(shell, '-n', file))
      expect(parsed).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    }
    const asked = `${completionScript('fish', known)}\ncomplete -C 'jumpstarter seed --sc'`
    expect((await tool('fish', '--no-config', '-c', asked)).stdout).toContain('--scale')
  })

  test('is printed by generate, for a shell that it knows', async () => {
    const printed = await run([...checkoutCommand, 'generate', 'completion', 'zsh'])
    expect(printed).toMatchObject({ exitCode: 0, stderr: '' })
    expect(printed.stdout).toStartWith('#compdef jumpstarter')
    const refused = await run([...checkoutCommand, 'generate', 'completion', 'csh'])
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('generate completion takes the shell: bash, zsh, fish.')
  })
})

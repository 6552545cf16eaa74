import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Release {
  directory: string
  files: string[]
}

let directory: string | undefined
let made: Promise<Release> | undefined

/** What a release for this kind of machine consists of; made once for all tests of a run. */
export function testRelease(): Promise<Release> {
  made ??= make()
  return made
}

/** For when all tests have run. */
export function removeTestRelease(): void {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
}

async function make(): Promise<Release> {
  directory = mkdtempSync(join(tmpdir(), 'jumpstarter-release-'))
  // Most test runs need none of this.
  const { release } = await import('../packaging/package')
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64'
  // Level 0 of xz takes seconds.
  const files = await release({ directory, architectures: [architecture], level: 0 })
  return { directory, files }
}

import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { known } from '#commands/commands'
import { completionScript } from '#commands/completion'
import { manualPage } from '#commands/manual'
import { loadConfig } from '#config'
import { byPackage, systemdUnit } from '#server/proxies/systemd'
import { backupService, backupTimer } from '#server/proxies/systemd-backup'
import { gateService, gateSocketUnit } from '#server/proxies/systemd-gate'
import { billOfMaterials, type Lock } from './sbom'

const root = resolve(import.meta.dir, '..', '..')

/** What goes beside the executable, the same for every architecture. */
export interface Documents {
  manual: string
  completion: Record<'bash' | 'zsh' | 'fish', string>
  /** Units of systemd, by file name. */
  units: Record<string, string>
  licence: string
  readme: string
  /** For operators, by file name. */
  guides: Record<string, string>
  /** CycloneDX, as JSON. */
  bill: string
}

/** Writes all that stands beside the executable. `builtAt` is the only date in it. */
export async function writeDocuments(builtAt: Date): Promise<Documents> {
  const lock = await readLock()
  const bill = billOfMaterials(lock, await licences(lock), builtAt)
  return {
    manual: `${manualPage(known, builtAt)}\n`,
    completion: {
      bash: completionScript('bash', known),
      zsh: completionScript('zsh', known),
      fish: completionScript('fish', known),
    },
    units: {
      // Whoever builds it may have settings of their own.
      'jumpstarter.service': systemdUnit(loadConfig({}, {}), byPackage),
      'jumpstarter-gate.socket': gateSocketUnit(),
      'jumpstarter-gate.service': gateService(),
      'jumpstarter-backup.service': backupService(),
      'jumpstarter-backup.timer': backupTimer(),
    },
    licence: await readFile(join(root, 'LICENSE'), 'utf8'),
    readme: await readFile(join(root, 'README.md'), 'utf8'),
    guides: await readGuides(),
    bill: `${JSON.stringify(bill, null, 2)}\n`,
  }
}

/** In the package all of them are in one place. */
async function readGuides(): Promise<Record<string, string>> {
  const files = ['src/documents/*.md', '.github/*.md'].flatMap((pattern) => [
    ...new Bun.Glob(pattern).scanSync({ cwd: root, dot: true }),
  ])
  const texts = files.sort().map(async (file) => {
    const text = await readFile(join(root, file), 'utf8')
    const here = /\]\((?:\.\.\/)+(?:src\/documents|\.github)\//g
    return [basename(file), text.replaceAll(here, '](')]
  })
  return Object.fromEntries(await Promise.all(texts))
}

/** What bun.lock, which is JSON with commas at the end, says. */
export async function readLock(): Promise<Lock> {
  return Bun.JSONC.parse(await readFile(join(root, 'bun.lock'), 'utf8')) as Lock
}

/**
 * The licence each package names. One for another system is not installed: it has the licence of
 * its sister for ours, of the same scope.
 */
export async function licences(lock: Lock): Promise<(name: string) => string | undefined> {
  const names = Object.values(lock.packages).map(([id]) => id.slice(0, id.lastIndexOf('@')))
  const found = new Map<string, string>()
  for (const name of names) {
    const file = Bun.file(join(root, 'node_modules', name, 'package.json'))
    if (!(await file.exists())) continue
    const { license } = await file.json()
    if (typeof license === 'string') found.set(name, license)
  }
  const scopeOf = (name: string) => /^@[^/]+\//.exec(name)?.[0]
  return (name) => {
    const scope = scopeOf(name)
    const sister = scope && [...found.keys()].find((other) => other.startsWith(scope))
    return found.get(name) ?? found.get(sister ?? '')
  }
}

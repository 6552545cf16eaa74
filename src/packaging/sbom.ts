import { program } from '#version'

/** The part of bun.lock that says what was installed. */
export interface Lock {
  workspaces: Record<
    string,
    {
      dependencies?: Record<string, string>
      optionalDependencies?: Record<string, string>
      devDependencies?: Record<string, string>
    }
  >
  /** Place in node_modules → name@version, registry, what it needs, hash. */
  packages: Record<string, [string, string, Needs, string]>
}

interface Needs {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

/** Only built with, and yet in the executable: the typeface, and the charts of the reports. */
const carried = ['@fontsource-variable/familjen-grotesk', 'echarts']

/**
 * What the program is made of, as CycloneDX 1.6: the runtime and every package of the lock with its
 * name, version, licence and hash; those that are not in the executable are marked excluded.
 * `licenceOf` gives the licence that a package names, as SPDX has it.
 */
export function billOfMaterials(
  lock: Lock,
  licenceOf: (name: string) => string | undefined,
  builtAt: Date,
) {
  const inside = new Set(shipped(lock))
  const components = Object.entries(lock.packages).map(([place, [id, , , integrity]]) => {
    const { name, version } = split(id)
    const licence = licenceOf(name)
    return {
      ...component(name, version, licence),
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      scope: inside.has(place) ? 'required' : 'excluded',
      hashes: [hashOf(integrity)],
    }
  })
  // The same version may be in several places; it is there if it is in one.
  const byPurl = new Map<string, (typeof components)[number]>()
  for (const each of components) {
    if (byPurl.get(each.purl)?.scope !== 'required') byPurl.set(each.purl, each)
  }
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: builtAt.toISOString(),
      component: {
        ...component(program.name, program.version, 'MIT'),
        type: 'application',
        'bom-ref': program.name,
      },
    },
    components: [
      {
        ...component('bun', Bun.version, 'MIT'),
        purl: `pkg:github/oven-sh/bun@bun-v${Bun.version}`,
      },
      ...byPurl.values(),
    ],
  }
}

const component = (name: string, version: string, licence: string | undefined) => ({
  type: 'library',
  name,
  version,
  ...(licence === undefined ? {} : { licenses: [licenceChoice(licence)] }),
})

/** One licence, or an expression of several. */
const licenceChoice = (text: string) =>
  /[ (]/.test(text) ? { expression: text } : { license: { id: text } }

/** `sha512-` and base64, as registries write it → as CycloneDX has it. */
function hashOf(integrity: string) {
  const [algorithm = '', digest = ''] = integrity.split('-')
  return {
    alg: algorithm.replace(/^sha/, 'SHA-'),
    content: Buffer.from(digest, 'base64').toString('hex'),
  }
}

/** The places of all that our own dependencies need. */
function shipped({ workspaces, packages }: Lock): string[] {
  const own = workspaces['']
  const places = new Set<string>()
  const add = (name: string, from: string) => {
    // As modules are looked for: beside whoever asks, then further out.
    const place = from !== '' && packages[`${from}/${name}`] ? `${from}/${name}` : name
    const found = packages[place]
    if (found === undefined || places.has(place)) return
    places.add(place)
    const [, , needs] = found
    for (const need of Object.keys({ ...needs.dependencies, ...needs.optionalDependencies })) {
      add(need, place)
    }
  }
  const names = Object.keys({ ...own?.dependencies, ...own?.optionalDependencies })
  for (const name of [...names, ...carried]) add(name, '')
  return [...places]
}

function split(id: string): { name: string; version: string } {
  const at = id.lastIndexOf('@')
  return { name: id.slice(0, at), version: id.slice(at + 1) }
}

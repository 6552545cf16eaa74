import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Embedded } from '#embedded'

export interface Asset {
  type: string
  identity: Uint8Array
  /** Absent where compressing again gains nothing. */
  gzip?: Uint8Array
  br?: Uint8Array
}

/** The client's files: the name carries a hash of the content, so each may be kept forever. */
export interface Assets {
  stylesheet: string
  script: string
  font: string
  files: ReadonlyMap<string, Asset>
}

const fontFolder = '@fontsource-variable/familjen-grotesk/files/familjen-grotesk'
const fontSubsets = ['latin', 'latin-ext']
const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  woff2: 'font/woff2',
}

/** What a page asks for, from inside the executable or, in a checkout, bundled on the spot. */
export async function loadAssets(embedded?: Embedded): Promise<Assets> {
  const files = embedded ? await readEmbedded(embedded) : await bundleClient()
  const names = Object.keys(files)
  const pathOf = (pattern: RegExp) => {
    const name = names.find((candidate) => pattern.test(candidate))
    if (name === undefined) throw new Error(`no asset is named like ${pattern}`)
    return `/assets/${name}`
  }
  return {
    stylesheet: pathOf(/^site-.*\.css$/),
    script: pathOf(/^site-.*\.js$/),
    font: pathOf(/-latin-[0-9a-f]+\.woff2$/),
    files: new Map(Object.entries(files).map(([name, bytes]) => [name, toAsset(name, bytes)])),
  }
}

/** Bundles the client: file name with hash → bytes. Needs the checkout's sources and node_modules. */
export async function bundleClient(): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {}
  const built = await Bun.build({
    entrypoints: [`${import.meta.dir}/site.css`],
    minify: true,
    // Left alone here: the bundler would put the fonts into the stylesheet.
    external: ['/assets/*'],
  })
  let css = (await built.outputs[0]?.text()) ?? ''
  for (const subset of fontSubsets) {
    const path = Bun.resolveSync(`${fontFolder}-${subset}-wght-normal.woff2`, import.meta.dir)
    const bytes = await Bun.file(path).bytes()
    const name = `familjen-grotesk-${subset}-${hash(bytes)}.woff2`
    css = css.replace(`/assets/familjen-grotesk-${subset}.woff2`, `/assets/${name}`)
    files[name] = bytes
  }
  const stylesheet = new TextEncoder().encode(css)
  files[`site-${hash(stylesheet)}.css`] = stylesheet
  const script = await bundleScript()
  files[`site-${hash(script)}.js`] = script
  return files
}

async function bundleScript(): Promise<Uint8Array> {
  const built = await Bun.build({
    entrypoints: [`${import.meta.dir}/web/client/main.ts`],
    target: 'browser',
    minify: true,
  })
  const [output] = built.outputs
  if (!output) throw new AggregateError(built.logs, 'the script of the pages does not build')
  return new Uint8Array(await output.arrayBuffer())
}

async function readEmbedded({ assets }: Embedded): Promise<Record<string, Uint8Array>> {
  const read = Object.entries(assets).map(
    async ([name, path]) => [name, await Bun.file(path).bytes()] as const,
  )
  return Object.fromEntries(await Promise.all(read))
}

function toAsset(name: string, identity: Uint8Array): Asset {
  const type = types[name.split('.').pop() ?? ''] ?? 'application/octet-stream'
  if (type === 'font/woff2') return { type, identity }
  return {
    type,
    identity,
    gzip: gzipSync(identity, { level: 9 }),
    br: brotliCompressSync(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  }
}

const hash = (bytes: Uint8Array) => Bun.hash(bytes).toString(16).padStart(16, '0').slice(0, 12)

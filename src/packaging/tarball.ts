import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Architecture } from '#build'
import { program } from '#version'
import type { Documents } from './documents'
import { runTool } from './run-tool'

interface TarballOptions {
  executable: string
  architecture: Architecture
  documents: Documents
  builtAt: Date
  directory: string
}

/** Packs the executable and its documents for every other Linux; the path of the archive. */
export async function makeTarball(options: TarballOptions): Promise<string> {
  const { executable, architecture, documents, builtAt, directory } = options
  const name = `jumpstarter-${program.version}-linux-${architecture}`
  const tree = join(directory, name)
  await rm(tree, { recursive: true, force: true })
  try {
    const files: Record<string, string> = {
      LICENSE: documents.licence,
      'README.md': documents.readme,
      'sbom.cdx.json': documents.bill,
      'jumpstarter.1': documents.manual,
      'completions/jumpstarter.bash': documents.completion.bash,
      'completions/_jumpstarter': documents.completion.zsh,
      'completions/jumpstarter.fish': documents.completion.fish,
    }
    for (const [name, text] of Object.entries(documents.guides)) {
      files[`documents/${name}`] = text
    }
    for (const [path, content] of Object.entries(files)) {
      const file = join(tree, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    }
    await cp(executable, join(tree, 'jumpstarter'))
    await chmod(join(tree, 'jumpstarter'), 0o755)
    const all = ['jumpstarter', ...Object.keys(files)].map((path) => join(tree, path))
    await writeFile(join(tree, 'SHA256SUMS'), await sha256Sums(tree, all))
    const file = `${tree}.tar.gz`
    const seconds = Math.floor(builtAt.getTime() / 1000)
    // The same input gives the same archive, byte for byte.
    const plain = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mode=go+rX-w']
    const words = [...plain, `--mtime=@${seconds}`, '--use-compress-program=gzip -n', '--create']
    await runTool(['tar', ...words, `--file=${file}`, `--directory=${directory}`, name])
    return file
  } finally {
    await rm(tree, { recursive: true, force: true })
  }
}

/** As `sha256sum --check` reads them, by the files' names below the directory. */
export async function sha256Sums(directory: string, files: string[]): Promise<string> {
  const lines = files.map(async (file) => {
    const hash = new Bun.CryptoHasher('sha256').update(await Bun.file(file).bytes())
    return `${hash.digest('hex')}  ${file.slice(directory.length + 1)}\n`
  })
  return (await Promise.all(lines)).join('')
}

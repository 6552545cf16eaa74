import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Architecture } from '#build'
import { program } from '#version'
import type { Documents } from './documents'
import { runTool } from './run-tool'

const maintainer = 'The Jumpstarter authors <maintainers@jumpstarter.invalid>'
const debianArchitecture = { x64: 'amd64', arm64: 'arm64' } as const
const scripts = ['postinst', 'prerm', 'postrm']

interface DebianOptions {
  executable: string
  architecture: Architecture
  documents: Documents
  builtAt: Date
  /** Where the package goes. */
  directory: string
  /** Of xz: 9 takes a minute, 0 a few seconds. */
  level: number
}

/** Makes the Debian package by dpkg-deb; its path. Throws an Error with what that says. */
export async function makeDebianPackage(options: DebianOptions): Promise<string> {
  const { executable, architecture, builtAt, directory, level } = options
  const name = `jumpstarter_${program.version}_${debianArchitecture[architecture]}`
  const tree = join(directory, `${name}.tree`)
  await rm(tree, { recursive: true, force: true })
  try {
    const put = async (path: string, content: string | Uint8Array, mode = 0o644) => {
      const file = join(tree, path)
      await mkdir(dirname(file), { recursive: true, mode: 0o755 })
      await writeFile(file, content)
      // A umask may have taken rights away.
      await chmod(file, mode)
    }
    for (const [path, content, mode] of await packageFiles(options)) await put(path, content, mode)
    await mkdir(join(tree, 'usr/bin'), { mode: 0o755 })
    await cp(executable, join(tree, 'usr/bin/jumpstarter'))
    await chmod(join(tree, 'usr/bin/jumpstarter'), 0o755)
    const sizes = await runTool(['du', '--summarize', '--apparent-size', '--block-size=1024', tree])
    await put('DEBIAN/control', control(architecture, Number.parseInt(sizes, 10)))
    await put('DEBIAN/conffiles', '/etc/jumpstarter/jumpstarter.env\n')
    await put('DEBIAN/md5sums', await checksums(tree))
    for (const script of scripts) await put(`DEBIAN/${script}`, await source(script), 0o755)
    await put('DEBIAN/templates', await source('templates'))
    const file = join(directory, `${name}.deb`)
    await runTool(
      ['dpkg-deb', '--root-owner-group', '-Zxz', `-z${level}`, '--build', tree, file],
      builtAt,
    )
    return file
  } finally {
    await rm(tree, { recursive: true, force: true })
  }
}

const source = (name: string) => readFile(join(import.meta.dir, 'debian', name), 'utf8')

type PackageFile = [path: string, content: string | Uint8Array, mode?: number]

const placed = (directory: string, files: Record<string, string>): PackageFile[] =>
  Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text])

async function packageFiles({ documents, builtAt }: DebianOptions): Promise<PackageFile[]> {
  const { manual, completion, units, licence, bill, guides } = documents
  const packed = (text: string) => gzipSync(text, { level: 9 })
  const indented = licence.trimEnd().split('\n').slice(4)
  const copyright = await source('copyright')
  const terms = indented.map((line) => (line === '' ? ' .' : ` ${line}`)).join('\n')
  return [
    ...placed('usr/lib/systemd/system', units),
    ...placed('usr/share/doc/jumpstarter', guides),
    ['usr/share/man/man1/jumpstarter.1.gz', packed(manual)],
    ['usr/share/bash-completion/completions/jumpstarter', completion.bash],
    ['usr/share/zsh/vendor-completions/_jumpstarter', completion.zsh],
    ['usr/share/fish/vendor_completions.d/jumpstarter.fish', completion.fish],
    ['usr/share/doc/jumpstarter/copyright', `${copyright}${terms}\n`],
    ['usr/share/doc/jumpstarter/changelog.gz', packed(changelog(builtAt))],
    ['usr/share/doc/jumpstarter/sbom.cdx.json', bill],
    ['usr/share/lintian/overrides/jumpstarter', await source('lintian-overrides')],
    ['etc/jumpstarter/jumpstarter.env', await source('jumpstarter.env'), 0o640],
  ]
}

// Bun asks for 2.17, the Postgres inside for 2.27.
const control = (architecture: Architecture, kibibytes: number) => `\
Package: jumpstarter
Version: ${program.version}
Architecture: ${debianArchitecture[architecture]}
Maintainer: ${maintainer}
Installed-Size: ${kibibytes}
Depends: libc6 (>= 2.27), adduser, debconf (>= 0.5) | debconf-2.0
Recommends: ca-certificates
Suggests: nginx | haproxy | caddy, postgresql, redis-server
Section: web
Priority: optional
Description: crowdfunding platform in one executable
 A web server with one process per core, its own PostgreSQL inside, and pages
 that work without JavaScript. It can use an outside PostgreSQL, 15 or later,
 and a Redis, and stand behind nginx, HAProxy or Caddy.
 .
 The service is not started before it is told to be: see
 /etc/jumpstarter/jumpstarter.env, then systemctl enable --now jumpstarter.
`

const changelog = (builtAt: Date) => `\
jumpstarter (${program.version}) unstable; urgency=medium

  * Release ${program.version}.

 -- ${maintainer}  ${builtAt.toUTCString().replace('GMT', '+0000')}
`

/** As md5sum writes them: what debsums checks. */
async function checksums(tree: string): Promise<string> {
  const files = [...new Bun.Glob('**/*').scanSync({ cwd: tree, dot: true })].sort()
  const lines = files
    .filter((file) => !/^(DEBIAN|etc)\//.test(file))
    .map(async (file) => {
      const hash = new Bun.CryptoHasher('md5').update(await Bun.file(join(tree, file)).bytes())
      return `${hash.digest('hex')}  ${file}\n`
    })
  return (await Promise.all(lines)).join('')
}

import { within } from '#lib/within'

const installTimeoutMs = 150_000

// Debian keeps some programs where only an administrator's PATH looks.
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Where a program is; null when it is not installed. */
export const findProgram = (name: string): string | null => Bun.which(name, { PATH: path })

/**
 * Installs the Debian packages of those programs that are missing, as on a new machine of the CI.
 * Throws an error that names them when that is not possible.
 */
export async function installPackages(packageOf: Record<string, string>): Promise<void> {
  const programs = Object.keys(packageOf).filter((name) => !findProgram(name))
  if (programs.length === 0) return
  const packages = programs.map((name) => packageOf[name]).join(' ')
  const missing = `These tests need ${programs.join(' and ')}: apt-get install ${packages}.`
  if (process.getuid?.() !== 0 || !Bun.which('apt-get')) throw new Error(missing)
  // The packages start services of the programs' names, which nobody has asked for.
  const script = `set -e
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=60 ${packages}
    if [ -d /run/systemd/system ]; then systemctl disable --now ${programs.join(' ')}; fi`
  const child = Bun.spawn(['sh', '-c', script], { stdout: 'ignore', stderr: 'pipe' })
  const errors = new Response(child.stderr).text()
  if (!(await within(child.exited, installTimeoutMs))) child.kill()
  if ((await child.exited) !== 0) throw new Error(`${missing} It failed: ${await errors}`)
}

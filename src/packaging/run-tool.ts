/**
 * Runs a tool of the system to its end; what it prints. `at` is the time that it is to write into
 * its files. Throws an Error with what it says when it fails.
 */
export async function runTool(command: string[], at?: Date): Promise<string> {
  const seconds = at && String(Math.floor(at.getTime() / 1000))
  const child = Bun.spawn(seconds ? ['env', `SOURCE_DATE_EPOCH=${seconds}`, ...command] : command, {
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [printed, said, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${said}`)
  return printed
}

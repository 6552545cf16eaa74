/**
 * Reads `NAME=value` lines as systemd reads an EnvironmentFile: comments begin with # or ;, a value
 * may stand in quotes, and a backslash at the end of a line joins the next one to it.
 */
export function parseEnvFile(text: string): Record<string, string> {
  const lines = text.replaceAll('\r', '').replaceAll('\\\n', '').split('\n')
  const pairs = lines.map((line) => /^\s*(?![#;])([A-Za-z_]\w*)=(.*)$/.exec(line))
  return Object.fromEntries(
    pairs.flatMap((pair) => (pair ? [[pair[1] ?? '', unquoted((pair[2] ?? '').trim())]] : [])),
  )
}

function unquoted(text: string): string {
  const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')$/.exec(text) ?? []
  if (single !== undefined) return single
  if (double !== undefined) return double.replaceAll(/\\(["\\`$])/g, '$1')
  return text.replaceAll(/\\(.)/g, '$1')
}

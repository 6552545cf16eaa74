import {
  type Family,
  type FamilyName,
  type Figures,
  families,
  isHidden,
  type Report,
} from './families'

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** Figures in the text format of OpenMetrics 1.0, each family once, in the catalogue's order. */
export function toOpenMetrics(report: Report): string {
  const names = (Object.keys(families) as FamilyName[]).filter((name) => !isHidden(name))
  const parts = names.flatMap((name) => {
    const own = report.filter(([family]) => family === name)
    return own.length === 0 ? [] : [...headOf(name, families[name]), ...own.flatMap(linesOf)]
  })
  return `${parts.join('\n')}\n# EOF\n`
}

const units = /_(seconds|bytes)$/

function headOf(name: FamilyName, { type, help }: Family): string[] {
  const unit = units.exec(name)?.[1]
  return [
    `# TYPE ${name} ${type}`,
    ...(unit ? [`# UNIT ${name} ${unit}`] : []),
    `# HELP ${name} ${escaped(help)}`,
  ]
}

function linesOf([name, labels, values]: Figures): string[] {
  const { type, labels: labelNames, bounds = [] } = families[name]
  const pairs = labelNames.map((label, place) => `${label}="${escaped(labels[place] ?? '')}"`)
  const line = (ending: string, value = 0, more: string[] = []) => {
    const set = [...pairs, ...more]
    return `${name}${ending}${set.length > 0 ? `{${set.join()}}` : ''} ${value}`
  }
  if (type === 'counter') return [line('_total', values[0])]
  if (type === 'info') return [line('_info', values[0])]
  if (type === 'gauge') return [line('', values[0])]
  let below = 0
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, place) => {
    below += values[place] ?? 0
    return line('_bucket', below, [`le="${canonical(bound)}"`])
  })
  return [...buckets, line('_count', below), line('_sum', values[bounds.length + 1])]
}

/** As OpenMetrics writes bounds, so that one bound is one text. */
function canonical(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf'
  return Number.isInteger(bound) ? `${bound}.0` : String(bound)
}

const escapes: Record<string, string> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }
const escaped = (text: string) => text.replace(/[\\"\n]/g, (character) => escapes[character] ?? '')

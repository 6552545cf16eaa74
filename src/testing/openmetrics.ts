/** One line of figures as it was read. */
export interface Sample {
  family: string
  name: string
  labels: Record<string, string>
  value: number
}

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const labelName = '[a-zA-Z_][a-zA-Z0-9_]*'
const labelPattern = `${labelName}="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`
const number = '(?:[+-]?(?:\\d+\\.?\\d*(?:[eE][+-]?\\d+)?)|\\+Inf|-Inf|NaN)'
const headPattern = new RegExp(
  `^# (?:(TYPE) (${name}) (counter|gauge|histogram|info)|(UNIT) (${name}) (\\w+)|(HELP) (${name}) (.*))$`,
)
const samplePattern = new RegExp(
  `^(${name})(?:\\{(${labelPattern}(?:,${labelPattern})*)\\})? (${number})$`,
)
const endings: Record<string, string[]> = {
  counter: ['_total'],
  gauge: [''],
  info: ['_info'],
  histogram: ['_bucket', '_count', '_sum'],
}

/**
 * Reads a whole exposition by the grammar and the rules of OpenMetrics 1.0, as far as there are
 * counters, gauges, histograms and info. Throws an Error that quotes the line that breaks them.
 */
export function readOpenMetrics(text: string): Sample[] {
  if (!text.endsWith('\n# EOF\n')) throw new Error('it does not end with # EOF')
  const samples: Sample[] = []
  const known = new Set<string>()
  const seen = new Set<string>()
  let family = ''
  let type = ''
  for (const line of text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`)
    }
    const head = headPattern.exec(line)
    if (head?.[1]) {
      if (known.has(head[2] ?? '')) fail('a family comes twice')
      family = head[2] ?? ''
      type = head[3] ?? ''
      known.add(family)
    } else if (head) {
      if ((head[5] ?? head[8]) !== family) fail('a line about another family')
      if (head[4] && !family.endsWith(`_${head[6]}`)) fail('a unit that is not in the name')
    } else {
      const sample = readSample(line, family) ?? fail('no sample')
      const ending = sample.name.slice(family.length)
      if (!sample.name.startsWith(family)) fail('a sample of another family')
      if (!endings[type]?.includes(ending)) fail(`${type} has no such sample`)
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()])
      if (seen.has(key)) fail('a sample comes twice')
      seen.add(key)
      if (type !== 'gauge' && !(sample.value >= 0)) fail('a count below nothing')
      samples.push(sample)
    }
  }
  checkHistograms(samples)
  return samples
}

function readSample(line: string, family: string): Sample | undefined {
  const [, sampleName = '', labels = '', value = ''] = samplePattern.exec(line) ?? []
  if (sampleName === '') return undefined
  const pairs = [...labels.matchAll(new RegExp(`(${labelName})="((?:[^"\\\\]|\\\\.)*)"`, 'g'))]
  const unescaped = (text: string) =>
    text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
  const read = pairs.map(([, label = '', text = '']): [string, string] => [label, unescaped(text)])
  if (new Set(read.map(([label]) => label)).size < read.length) return undefined
  return { family, name: sampleName, labels: Object.fromEntries(read), value: numberOf(value) }
}

const numberOf = (text: string) => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text))

/** Buckets grow, end with infinity, and that one is the count. */
function checkHistograms(samples: Sample[]): void {
  const groups = Map.groupBy(
    samples.filter(({ name }) => name.endsWith('_bucket') || name.endsWith('_count')),
    ({ family, labels: { le: _, ...labels } }) => JSON.stringify([family, labels]),
  )
  for (const [key, group] of groups) {
    const buckets = group.filter(({ labels }) => labels['le'] !== undefined)
    if (buckets.length === 0) continue
    const count = group.find(({ labels }) => labels['le'] === undefined)?.value
    const bounds = buckets.map(({ labels }) => numberOf(labels['le'] ?? ''))
    const isGrowing = (values: number[], allowsEqual: boolean) =>
      values.every((value, place) => {
        const before = values[place - 1] ?? Number.NEGATIVE_INFINITY
        return allowsEqual ? value >= before : value > before
      })
    const values = buckets.map(({ value }) => value)
    if (!isGrowing(bounds, false) || !isGrowing(values, true)) throw new Error(`order of ${key}`)
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`no +Inf in ${key}`)
    if (values.at(-1) !== count) throw new Error(`+Inf is not the count in ${key}`)
  }
}

/** The sum of the samples of this name that have these labels. */
export const sumOf = (samples: Sample[], name: string, labels: Record<string, string> = {}) =>
  samples
    .filter((sample) => sample.name === name)
    .filter((sample) =>
      Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
    )
    .reduce((sum, { value }) => sum + value, 0)

/** A node of a plan as `auto_explain` writes it in JSON; rows are the mean of its loops. */
export interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows'?: number
  'Actual Loops'?: number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  'Shared Hit Blocks'?: number
  'Shared Read Blocks'?: number
  Filter?: string
  'Sort Key'?: string[]
  Plans?: PlanNode[]
}

/** One statement as it was executed. */
export interface ExecutedPlan {
  'Query Text': string
  Plan: PlanNode
}

export interface Measures {
  rows: number
  /** Pages of 8 kB, from shared buffers or from the disk. */
  buffers: number
  /** Rows that went into sorts. */
  sortedRows: number
  /** Rows and index entries that scans of big tables looked at, also those they threw away. */
  readRows: number
  /** Of those, thrown away by a filter or a recheck. */
  removedRows: number
  /** Every index used, and `seq scan of t` where there was none. */
  indexes: string[]
}

/** What one statement may do at most. */
export type Limits = Pick<Measures, 'buffers' | 'sortedRows' | 'readRows' | 'removedRows'>

export interface Complaint {
  rule: keyof Limits | 'sequentialScan'
  /** What the offending node is, such as `Index Scan using projects_newest on projects`. */
  node: string
  sentence: string
}

const children = (node: PlanNode) => node.Plans ?? []

function walk(node: PlanNode): PlanNode[] {
  return [node, ...children(node).flatMap(walk)]
}

const times = (perLoop: number | undefined, node: PlanNode) =>
  Math.round((perLoop ?? 0) * (node['Actual Loops'] ?? 0))

const rowsOf = (node: PlanNode) => times(node['Actual Rows'], node)

const removedBy = (node: PlanNode) =>
  times(node['Rows Removed by Filter'], node) + times(node['Rows Removed by Index Recheck'], node)

/** A node's count has those of its children in it. */
const buffersOf = (node: PlanNode) =>
  (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0)

const ownBuffersOf = (node: PlanNode) =>
  buffersOf(node) - sum(children(node).map((child) => buffersOf(child)))

const sortedBy = (node: PlanNode) =>
  /Sort$/.test(node['Node Type']) ? sum(children(node).map(rowsOf)) : 0

// A bitmap scan of an index names no table: what it gathers counts, whichever table it is of.
const readBy = (node: PlanNode, big: ReadonlySet<string>) => {
  if (node['Node Type'] === 'Bitmap Index Scan') return rowsOf(node)
  return big.has(node['Relation Name'] ?? '') ? rowsOf(node) + removedBy(node) : 0
}

const removedFromBig = (node: PlanNode, big: ReadonlySet<string>) =>
  big.has(node['Relation Name'] ?? '') ? removedBy(node) : 0

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)

/** What an executed plan did, over all its nodes. `big` are the tables whose rows are counted. */
export function measure({ Plan: root }: ExecutedPlan, big: ReadonlySet<string>): Measures {
  const nodes = walk(root).filter((node) => (node['Actual Loops'] ?? 0) > 0)
  const used = nodes.map((node) => {
    if (node['Index Name']) return node['Index Name']
    return node['Node Type'] === 'Seq Scan' ? `seq scan of ${node['Relation Name']}` : undefined
  })
  return {
    rows: rowsOf(root),
    buffers: buffersOf(root),
    sortedRows: sum(nodes.map(sortedBy)),
    readRows: sum(nodes.map((node) => readBy(node, big))),
    removedRows: sum(nodes.map((node) => removedFromBig(node, big))),
    indexes: [...new Set(used)].filter((name) => name !== undefined),
  }
}

/** What is wrong with an executed plan; nothing when it keeps within the limits. */
export function judge(plan: ExecutedPlan, limits: Limits, big: ReadonlySet<string>): Complaint[] {
  const nodes = walk(plan.Plan)
  const complaints: Complaint[] = nodes
    .filter((node) => node['Node Type'] === 'Seq Scan' && big.has(node['Relation Name'] ?? ''))
    .map((node) => ({
      rule: 'sequentialScan',
      node: nameOf(node),
      sentence: `scans ${node['Relation Name']} from end to end`,
    }))
  const measured = measure(plan, big)
  const check = (
    rule: keyof Limits,
    verb: string,
    unit: string,
    shareOf: (node: PlanNode) => number,
  ) => {
    if (measured[rule] <= limits[rule]) return
    const worst = nodes.reduce((a, b) => (shareOf(b) > shareOf(a) ? b : a))
    complaints.push({
      rule,
      node: nameOf(worst),
      sentence: `${verb} ${measured[rule]} ${unit}, where ${limits[rule]} is the limit`,
    })
  }
  check('buffers', 'reads', 'buffers', ownBuffersOf)
  check('sortedRows', 'sorts', 'rows', sortedBy)
  check('readRows', 'looks at', 'rows', (node) => readBy(node, big))
  check('removedRows', 'throws away', 'rows', (node) => removedFromBig(node, big))
  return complaints
}

/** `Index Scan using projects_newest on projects (filter …)`, as a plan in text has it. */
function nameOf(node: PlanNode): string {
  const using = node['Index Name'] ? ` using ${node['Index Name']}` : ''
  const on = node['Relation Name'] ? ` on ${node['Relation Name']}` : ''
  const by = node['Sort Key'] ? ` by ${node['Sort Key'].join(', ')}` : ''
  const filter = node.Filter ? ` with the filter ${node.Filter}` : ''
  return node['Node Type'] + using + on + by + filter
}

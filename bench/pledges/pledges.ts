import { medianRun, type Ratio, type Run, ratioOf } from '../database/load'
import { newArena } from './arena'
import { type Load, loads, type Surroundings } from './loads'

export interface PledgesOptions {
  clients: number[]
  seconds: number
  rounds: number
  signal: AbortSignal
  report(what: string, fraction: number): void
}

/** One load at one number of clients. */
export interface Cell {
  load: Load
  arena: 'one' | 'spread'
  clients: number
  run: Run
  /** Ours against this one, round by round; of ours none. */
  ratio?: Ratio
}

/** Projects of a spread arena. */
const spreadProjects = 200
export const arenas = { one: 1, spread: spreadProjects } as const

/**
 * Takes pledges in every way there is, in turns: each round begins with another load, each run has
 * projects of its own. Medians over the rounds.
 */
export async function measurePledges(
  around: Surroundings,
  { clients, seconds, rounds, signal, report }: PledgesOptions,
): Promise<Cell[]> {
  const possible = loads.filter(({ id }) => id !== 'pgbench' || around.pgbench !== undefined)
  const kinds = Object.entries(arenas) as ['one' | 'spread', number][]
  const plan = kinds.flatMap(([arena]) => clients.map((inFlight) => ({ arena, inFlight })))
  const runs = new Map<string, Run[]>()
  const keyOf = (load: Load, arena: string, inFlight: number) => `${load.id} ${arena} ${inFlight}`
  const total = plan.length * rounds * possible.length
  let done = 0
  for (const { arena, inFlight } of plan) {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < possible.length; turn++) {
        signal.throwIfAborted()
        const load = possible[(round + turn) % possible.length] as Load
        const place = await newArena(around.db, arenas[arena])
        const run = await load.run(place, around, { inFlight, seconds, signal })
        const key = keyOf(load, arena, inFlight)
        runs.set(key, [...(runs.get(key) ?? []), run])
        const rate = Math.round(run.operationsPerSecond).toLocaleString('en-US')
        report(`${load.id}, ${arena}, ${inFlight} clients: ${rate}/s`, ++done / total)
      }
    }
  }
  return plan.flatMap(({ arena, inFlight }) => {
    const of = (load: Load) => runs.get(keyOf(load, arena, inFlight)) ?? []
    const own = of(possible[0] as Load)
    return possible.map((load) => ({
      load,
      arena,
      clients: inFlight,
      run: medianRun(of(load)),
      ...(load.id === 'ours' ? {} : { ratio: ratioOf(own, of(load)) }),
    }))
  })
}

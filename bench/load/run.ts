import { medianRun, type Run } from '../database/load'
import { median } from '../report'

/** Errors by kind, counted as in 2018: all of them together are the errors of a run. */
export interface LoadErrors {
  /** Connections refused, cut or broken. */
  socket: number
  timeout: number
  /** Answers that were no success. */
  status: number
}

/** What one run of a load generator against a server has shown. */
export interface LoadRun extends Run {
  averageMs: number
  errorKinds?: LoadErrors
  /** Processor time of the server's processes, a request. */
  serverCpuUs?: number | undefined
  /** Of all cores, the share that the load generator took. */
  generatorShare?: number | undefined
}

/** A run with its errors added up, and the first kind of them in words. */
export function withErrors<Figures extends Omit<LoadRun, 'errors' | 'firstError' | 'errorKinds'>>(
  figures: Figures,
  errorKinds: LoadErrors,
): Figures & Pick<LoadRun, 'errors' | 'firstError' | 'errorKinds'> {
  const { socket, timeout, status } = errorKinds
  const words = [
    ...(socket > 0 ? [`${socket} connections broke`] : []),
    ...(timeout > 0 ? [`${timeout} requests were not answered in time`] : []),
    ...(status > 0 ? [`${status} answers were no success`] : []),
  ]
  const errors = socket + timeout + status
  return { ...figures, errors, errorKinds, firstError: words[0] }
}

/** Several runs as one: medians of the figures, sums of the errors. */
export function medianLoad(runs: LoadRun[]): LoadRun {
  const middle = (of: (run: LoadRun) => number | undefined) => {
    const known = runs.map(of).filter((figure) => figure !== undefined && !Number.isNaN(figure))
    return known.length === 0 ? undefined : median(known as number[])
  }
  const sum = (kind: keyof LoadErrors) =>
    runs.reduce((total, { errorKinds }) => total + (errorKinds?.[kind] ?? 0), 0)
  return {
    ...medianRun(runs),
    averageMs: middle(({ averageMs }) => averageMs) ?? Number.NaN,
    serverCpuUs: middle(({ serverCpuUs }) => serverCpuUs),
    generatorShare: middle(({ generatorShare }) => generatorShare),
    errorKinds: { socket: sum('socket'), timeout: sum('timeout'), status: sum('status') },
  }
}

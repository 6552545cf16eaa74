/** Where a request stands in somebody's trace (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string
  /** 16: of whoever asked. */
  parentId: string
  sampled: boolean
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Undefined for what is none: then a trace begins here. */
export function readTraceparent(text: string | null): TraceContext | undefined {
  const [, version, traceId = '', parentId = '', flags = '', more] = pattern.exec(text ?? '') ?? []
  // Later versions may say more than this one.
  if (version === undefined || version === 'ff' || (version === '00' && more)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

const hex = (bytes: number) => crypto.getRandomValues(Buffer.alloc(bytes)).toString('hex')

export const newTraceId = () => hex(16)
export const newSpanId = () => hex(8)

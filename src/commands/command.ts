import type { Embedded } from '#embedded'

export interface Command {
  summary: string
  usage: string
  run(args: string[], context: { embedded: Embedded | undefined }): Promise<number>
}

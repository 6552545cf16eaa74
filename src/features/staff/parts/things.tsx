import { paths } from '#web/paths'
import type { Thing } from '../reads/things'
import type { ThingKey } from '../rules'

const names = {
  project: 'Project',
  comment: 'Comment',
  message: 'Message',
  person: 'Person',
} as const

/** `Comment`, `Update 3`: what kind of thing it is. */
export const kindName = ({ kind, subject }: Pick<ThingKey, 'kind' | 'subject'>): string =>
  kind === 'update' ? `Update ${subject}` : names[kind]

/** Where a thing is found; undefined for a message, which is for two alone. */
export function pathOf({ key, project, updateNumber }: Thing): string | undefined {
  const { kind, subject } = key
  if (kind === 'person') return paths.person({ id: subject })
  if (!project || kind === 'message') return undefined
  if (kind === 'project') return paths.project(project)
  if (kind === 'update') return paths.update(project, subject)
  const page =
    updateNumber === null
      ? paths.projectTab(project, 'comments', { after: subject + 1 })
      : `${paths.update(project, updateNumber)}?after=${subject + 1}`
  return `${page}#comment-${subject}`
}

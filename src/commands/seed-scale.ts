import { CommandError } from '#lib/errors'
import type { BulkScale } from '#seed/bulk/tasks'
import { wholeNumber } from './flags'

export const projectsMax = 100_000_000
export const peopleMax = 1_000_000_000
const pledgesPerProject = 10
const scales = {
  '1m': { projects: 1_000_000, people: 10_000_000 },
  full: { projects: 10_000_000, people: 100_000_000 },
}

export const scaleFlags = {
  scale: { type: 'string' },
  projects: { type: 'string' },
  people: { type: 'string' },
  'with-community': { type: 'boolean' },
} as const

interface Values {
  scale?: string | undefined
  projects?: string | undefined
  people?: string | undefined
  'with-community'?: boolean | undefined
}

/** What these flags ask for. Throws a CommandError that names the one that cannot be. */
export function scaleOf(values: Values): 'demo' | BulkScale {
  const { scale = values.projects || values.people ? undefined : 'demo' } = values
  if (scale !== undefined && scale !== 'demo' && !(scale in scales)) {
    throw new CommandError(`--scale knows demo, 1m and full, not ${scale}.`, 2)
  }
  if (scale === 'demo') {
    const other = (['projects', 'people', 'with-community'] as const).find((flag) => values[flag])
    if (other) throw new CommandError(`--${other} does not go with the demo scale.`, 2)
    return 'demo'
  }
  const base = scales[(scale ?? '1m') as keyof typeof scales]
  const given = values.projects
  const projects = given ? wholeNumber('--projects', given, 1, projectsMax) : base.projects
  const people = values.people
    ? wholeNumber('--people', values.people, 100, peopleMax)
    : given
      ? Math.max(100, projects * 10)
      : base.people
  return {
    projects,
    people,
    pledges: Math.min(projects * pledgesPerProject, people),
    community: values['with-community'] ?? false,
    at: new Date(),
  }
}

import type { Requirement } from './requirement'
import { inputRequirements } from './requirements-input'
import { peopleRequirements } from './requirements-people'

export const requirements: readonly Requirement[] = [...inputRequirements, ...peopleRequirements]

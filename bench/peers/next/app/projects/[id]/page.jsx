export { Project as default } from '../../../project'

export const dynamic = 'force-dynamic'

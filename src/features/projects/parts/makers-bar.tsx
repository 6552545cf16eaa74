import type { Permission } from '#db/schema/making'
import { paths } from '#web/paths'
import { isListed, type ProjectStatus } from '../rules'

/** On a project's own page, for those who make it: the ways to what each of them may do. */
export function MakersBar(props: {
  project: { id: number; status: ProjectStatus }
  permissions: readonly Permission[]
}) {
  const { project, permissions } = props
  if (permissions.length === 0) return null
  const ways: [Permission, string, string][] = [
    ['edit', 'Edit', paths.edit(project)],
    ['numbers', 'Dashboard', paths.dashboard(project)],
    ['numbers', 'Backers', paths.backers(project)],
    ['numbers', 'Money', paths.money(project)],
  ]
  if (isListed(project.status)) {
    ways.push(['community', 'Post an update', paths.updateDraft(project, 'new')])
  }
  return (
    <nav className="makers-bar" aria-label="Your project">
      {ways
        .filter(([permission]) => permissions.includes(permission))
        .map(([_, label, path]) => (
          <a key={path} href={path}>
            {label}
          </a>
        ))}
    </nav>
  )
}

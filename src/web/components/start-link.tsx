import { paths } from '../paths'
import { useSite } from '../site'

/** The way to a project of one's own. Whoever has not signed in does that first. */
export function StartLink({ children = 'Start a project' }: { children?: string }) {
  const { viewer } = useSite()
  const path = paths.newProject()
  return <a href={viewer ? path : paths.signIn({ next: path })}>{children}</a>
}

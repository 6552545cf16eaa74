import { ProjectPage } from '#features/projects/parts/campaign'
import { type Site, SiteContext } from '#web/site'
import type { ProjectData } from '../project'

/** The project page as ours renders it, for peers that bring their own React. */
export const projectPage = (data: ProjectData, site: Site) => (
  <SiteContext value={site}>
    <ProjectPage {...data} />
  </SiteContext>
)

export * from '../project'

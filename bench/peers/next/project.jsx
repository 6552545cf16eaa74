import { notFound } from 'next/navigation'
import { baseUrl, findProject, findStory, listRewards } from './data.mjs'
import { assets, projectPage } from './page.mjs'

/** The page behind both routes; the segment's parameters in. */
export async function Project({ params }) {
  const id = Number((await params).id)
  const [project, story, rewards] = await Promise.all([
    findProject(id),
    findStory(id),
    listRewards(id),
  ])
  if (!project) notFound()
  return projectPage(
    { project, story, rewards },
    { baseUrl: baseUrl(), ...assets, now: new Date() },
  )
}

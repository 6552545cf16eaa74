import { baseUrl, findProject, findStory } from '../../../../../data.mjs'
import { projectJson } from '../../../../../page.mjs'

export const dynamic = 'force-dynamic'

export async function GET(_request, { params }) {
  const id = Number((await params).id)
  const [project, story] = await Promise.all([findProject(id), findStory(id)])
  if (!project) return new Response('There is no such project.', { status: 404 })
  return Response.json(projectJson(project, story, baseUrl()))
}

import { type Context, Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { type FormErrors, type FormValues, readForm } from '#http/forms'
import { requireBacker } from '#http/guest'
import { found } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { SurveyFormPage } from '../pages/survey-form-page'
import { SurveyPage } from '../pages/survey-page'
import { projectOf, requireDelivering } from '../parts/access'
import { listAddresses } from '../reads/addresses'
import { findFulfilment, findSurvey } from '../reads/surveys'
import { listTasks } from '../reads/tasks'
import { answersForm, surveyForm } from '../rules/survey'
import { answerSurvey, lockSurvey, markReceived, saveSurvey, sendSurvey } from '../writes/surveys'

export const surveys = new Hono<AppEnv>()

const answersPerPerson = { times: 60, seconds: 3600 }

interface Typed {
  values?: FormValues
  errors?: FormErrors
}

const doneSentences: Record<string, string> = {
  saved: 'The survey is saved. Nobody has seen it yet.',
  sent: 'The survey is on its way to your backers.',
  locked: 'The addresses are locked.',
  answered: 'Your answers are with the creator.',
  received: 'Good to hear. The creator sees it too.',
}
const doneOf = (c: Context<AppEnv>) => doneSentences[c.req.query('done') ?? '']

surveys.get('/projects/:project/survey/edit', (c) => formPage(c))

surveys.post('/projects/:project/survey/edit', async (c) => {
  const { project } = await requireDelivering(c)
  const { values, data, errors } = await readForm(c, surveyForm)
  if (errors) return formPage(c, { values, errors })
  await saveSurvey(c.var.deps.db, project.id, data)
  return c.redirect(`${paths.surveyAct(project, 'edit')}?done=saved`, 303)
})

surveys.post('/projects/:project/survey/send', async (c) => {
  const { project } = await requireDelivering(c)
  const { db, config } = c.var.deps
  const sender = { projectId: project.id, actorId: requireViewer(c).id }
  await sendSurvey({ db, site: config.baseUrl }, sender)
  return c.redirect(`${paths.surveyAct(project, 'edit')}?done=sent`, 303)
})

surveys.post('/projects/:project/survey/lock', async (c) => {
  const { project } = await requireDelivering(c)
  await lockSurvey(c.var.deps.db, project.id)
  return c.redirect(`${paths.surveyAct(project, 'edit')}?done=locked`, 303)
})

async function formPage(c: Context<AppEnv>, typed: Typed = {}): Promise<Response> {
  const { db } = c.var.deps
  const [{ project }, survey, tasks] = await Promise.all([
    requireDelivering(c),
    findSurvey(db, projectOf(c)),
    listTasks(db, projectOf(c)),
  ])
  return renderPage(
    c,
    <SurveyFormPage {...{ project, survey, tasks, ...typed }} done={doneOf(c)} />,
    typed.errors ? 422 : 200,
  )
}

surveys.get('/projects/:project/survey', (c) => answerPage(c))

surveys.post('/projects/:project/survey', async (c) => {
  const { id } = await requireBacker(c)
  const { db } = c.var.deps
  const projectId = projectOf(c)
  const { survey, pledgeStatus } = await requireFulfilment(c, id)
  if (!survey?.sentAt || pledgeStatus !== 'collected') throw new AppError('wrong_state')
  const { values, data, errors } = await readForm(c, answersForm(survey))
  if (errors) return answerPage(c, { values, errors })
  await limit(c, 'survey', String(id), answersPerPerson)
  const outcome = await answerSurvey(db, { backerId: id, projectId }, data)
  if (outcome !== 'done') {
    return answerPage(c, { values, errors: { address: 'Please choose one of your addresses.' } })
  }
  return c.redirect(paths.survey({ id: projectId }, { done: 'answered' }), 303)
})

surveys.post('/projects/:project/received', async (c) => {
  const { id } = await requireBacker(c)
  const projectId = projectOf(c)
  await markReceived(c.var.deps.db, id, projectId)
  return c.redirect(paths.survey({ id: projectId }, { done: 'received' }), 303)
})

async function requireFulfilment(c: Context<AppEnv>, backerId: number) {
  const fulfilment = await findFulfilment(c.var.deps.db, backerId, projectOf(c))
  return found(fulfilment, new AppError('pledge_not_found'))
}

async function answerPage(c: Context<AppEnv>, typed: Typed = {}): Promise<Response> {
  const { id } = await requireBacker(c)
  const [fulfilment, addresses] = await Promise.all([
    requireFulfilment(c, id),
    listAddresses(c.var.deps.db, id),
  ])
  return renderPage(
    c,
    <SurveyPage {...{ fulfilment, addresses, ...typed }} done={doneOf(c)} />,
    typed.errors ? 422 : 200,
  )
}

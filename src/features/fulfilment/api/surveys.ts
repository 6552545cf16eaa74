import { z } from 'zod'
import { ofProject } from '#features/projects/parts/json'
import { requireAccess } from '#features/projects/reads/access'
import { readAsForm } from '#http/api-input'
import { found } from '#http/input'
import { id, time, toTimeOrNull } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { findFulfilment, findSurvey } from '../reads/surveys'
import { answersForm, surveyForm } from '../rules/survey'
import { answerSurvey, lockSurvey, markReceived, saveSurvey, sendSurvey } from '../writes/surveys'
import { fulfilmentStatus, givenAnswers, newQuestions, postal, survey, toSurvey } from './shapes'

/** A form's fields by the names that they have in a body. */
const nameOf = (field: string) => {
  const [, part, number] = /^(question|choices)-(\d+)$/.exec(field) ?? []
  return part ? `questions.${Number(number) - 1}.${part}` : field
}

const asForm = (questions: z.output<typeof newQuestions>, wantsAddress: boolean) => ({
  ...(wantsAddress ? { wantsAddress: 'on' } : {}),
  ...Object.fromEntries(
    questions.flatMap(({ question, choices, isRequired }, index) => [
      [`question-${index + 1}`, question],
      [`choices-${index + 1}`, choices.join('\n')],
      ...(isRequired ? [[`required-${index + 1}`, 'on']] : []),
    ]),
  ),
})

const making = { scope: 'projects', ...ofProject } as const

const creatorApi = [
  ownEndpoint({
    id: 'getSurvey',
    method: 'get',
    path: '/projects/{id}/survey',
    summary: 'What the backers of a project of yours are asked',
    ...making,
    answer: z.object({ survey: survey.nullable().describe('Null while there is none.') }),
    handle: async ({ deps: { db }, viewer, params }) => {
      const { project } = await requireAccess(db, viewer, params.id, 'community')
      const stored = await findSurvey(db, project.id)
      return { survey: stored ? toSurvey(stored) : null }
    },
  }),

  ownEndpoint({
    id: 'saveSurvey',
    method: 'put',
    path: '/projects/{id}/survey',
    summary: 'Write the survey, until it is sent',
    ...making,
    body: z.strictObject({ questions: newQuestions, wantsAddress: z.boolean().default(true) }),
    bodyExample: {
      questions: [{ question: 'Which colour?', choices: ['Red', 'Blue'], isRequired: true }],
    },
    handle: async ({ deps: { db }, viewer, params, body: { questions, wantsAddress } }) => {
      const { project } = await requireAccess(db, viewer, params.id, 'community')
      const typed = asForm(questions, wantsAddress)
      await saveSurvey(db, project.id, await readAsForm(surveyForm, typed, nameOf))
    },
  }),

  ownEndpoint({
    id: 'sendSurvey',
    method: 'post',
    path: '/projects/{id}/send-survey',
    summary: 'Send the survey to all who have paid; it stays as it is from then on',
    ...making,
    handle: async ({ deps: { db, config }, viewer, params }) => {
      const { project } = await requireAccess(db, viewer, params.id, 'community')
      const sender = { projectId: project.id, actorId: viewer.id }
      await sendSurvey({ db, site: config.baseUrl }, sender)
    },
  }),

  ownEndpoint({
    id: 'lockSurvey',
    method: 'post',
    path: '/projects/{id}/lock-survey',
    summary: 'Keep what was answered as it is, before parcels go out',
    ...making,
    handle: async ({ deps: { db }, viewer, params }) => {
      const { project } = await requireAccess(db, viewer, params.id, 'community')
      await lockSurvey(db, project.id)
    },
  }),
]

const ownReward = z
  .object({
    reward: z.string().nullable(),
    fulfilment: fulfilmentStatus,
    tracking: z.string(),
    survey: survey.nullable().describe('Null while nothing was asked.'),
    answeredAt: time.nullable(),
    answers: givenAnswers,
    address: postal.nullable().describe('As you gave it.'),
  })
  .meta({ id: 'OwnReward' })

const backerApi = [
  ownEndpoint({
    id: 'getOwnReward',
    method: 'get',
    path: '/projects/{id}/own-reward',
    summary: 'How far what you get from a project is, and what you are asked',
    scope: 'read',
    ...ofProject,
    answer: ownReward,
    handle: async ({ deps: { db }, viewer, params }) => {
      const row = await findFulfilment(db, viewer.id, params.id)
      const own = found(row, new AppError('pledge_not_found'))
      const { reward, tracking, answers, answeredAt, address } = own
      return {
        ...{ reward, fulfilment: own.status ?? 'none', tracking: tracking ?? '' },
        survey: own.survey?.sentAt ? toSurvey(own.survey) : null,
        ...{ answeredAt: toTimeOrNull(answeredAt), answers: answers ?? {} },
        address: address as z.input<typeof postal> | null,
      }
    },
  }),

  ownEndpoint({
    id: 'answerSurvey',
    method: 'put',
    path: '/projects/{id}/answers',
    summary: 'Answer the survey, or change your answers until they are locked',
    scope: 'write',
    ...ofProject,
    body: z.strictObject({
      answers: givenAnswers,
      address: id.optional().describe('Out of your address book, where one is asked for.'),
    }),
    bodyExample: { answers: { '1': 'Red' }, address: 1 },
    handle: async ({ deps: { db }, viewer, params, body: { answers, address } }) => {
      const row = await findFulfilment(db, viewer.id, params.id)
      const own = found(row, new AppError('pledge_not_found'))
      if (!own.survey?.sentAt) throw new AppError('wrong_state')
      const typed = Object.entries(answers).map(([question, text]) => [`answer-${question}`, text])
      const values = { ...Object.fromEntries(typed), ...(address ? { address: `${address}` } : {}) }
      const form = answersForm(own.survey)
      const given = await readAsForm(form, values, (field) => field.replace('answer-', 'answers.'))
      const key = { backerId: viewer.id, projectId: params.id }
      if ((await answerSurvey(db, key, given)) !== 'done') {
        throw new AppError('invalid_body', { field: 'address', detail: 'It is none of yours.' })
      }
    },
  }),

  ownEndpoint({
    id: 'markReceived',
    method: 'put',
    path: '/projects/{id}/received',
    summary: 'Say that what you get from a project has come',
    scope: 'write',
    ...ofProject,
    handle: ({ deps, viewer, params }) => markReceived(deps.db, viewer.id, params.id),
  }),
]

/** What backers are asked, and what they answer. */
export const surveysApi = [...creatorApi, ...backerApi]

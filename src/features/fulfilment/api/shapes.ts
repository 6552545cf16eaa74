import { z } from 'zod'
import { fulfilmentStatuses } from '#db/schema/fulfilment'
import { id, time, toTimeOrNull } from '#http/json'
import type { Survey } from '../reads/surveys'
import { choicesMax, questionsMax } from '../rules/survey'

/** What answers and bodies of this room share. */

export const postal = z
  .object({
    name: z.string(),
    line1: z.string().describe('Street and number.'),
    line2: z.string(),
    city: z.string(),
    state: z.string(),
    postcode: z.string(),
    country: z.string().describe('By its English name.'),
    phone: z.string(),
  })
  .meta({ id: 'PostalAddress' })

export const ownAddress = postal.extend({ id, isDefault: z.boolean() }).meta({ id: 'Address' })

export const fulfilmentStatus = z
  .enum(fulfilmentStatuses)
  .describe('That it is `received` only its backer says.')

export const givenAnswers = z
  .record(z.string(), z.string())
  .describe('By the id of the question; of what was not answered nothing.')
  .meta({ examples: [{ '1': 'Red' }] })

export const newQuestions = z
  .array(
    z.strictObject({
      question: z.string(),
      choices: z
        .array(z.string())
        .max(choicesMax)
        .default([])
        .describe('Empty: the answer is a text of one’s own.'),
      isRequired: z.boolean().default(false),
    }),
  )
  .max(questionsMax)

export const survey = z
  .object({
    questions: z.array(
      z.object({
        id: z.string(),
        question: z.string(),
        choices: z.array(z.string()),
        isRequired: z.boolean(),
      }),
    ),
    wantsAddress: z.boolean(),
    sentAt: time.nullable(),
    lockedAt: time.nullable().describe('From then on what was answered stays.'),
  })
  .meta({ id: 'Survey' })

export const toSurvey = ({ questions, wantsAddress, sentAt, lockedAt }: Survey) => ({
  ...{ questions, wantsAddress },
  ...{ sentAt: toTimeOrNull(sentAt), lockedAt: toTimeOrNull(lockedAt) },
})

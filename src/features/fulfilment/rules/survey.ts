import { z } from 'zod'
import { idSchema } from '#http/input'

export const questionsMax = 10
export const questionCharactersMax = 300
export const choicesMax = 20
export const choiceCharactersMax = 100
export const answerCharactersMax = 1_000

export interface Question {
  id: string
  question: string
  /** Empty: the answer is a text of one's own. */
  choices: string[]
  isRequired: boolean
}

const numbers = Array.from({ length: questionsMax }, (_, index) => String(index + 1))

/** The questions as their creator has typed them: `question-1`, `choices-1`, `required-1` and so on. */
export const surveyForm = z.record(z.string(), z.string()).transform((typed, context) => {
  const complain = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message })
  const questions = numbers.flatMap((number): Question[] => {
    const question = (typed[`question-${number}`] ?? '').trim()
    const lines = (typed[`choices-${number}`] ?? '').split('\n').map((line) => line.trim())
    const choices = [...new Set(lines.filter(Boolean))]
    if (question === '') {
      if (choices.length > 0) complain(`question-${number}`, 'Please say what these answer.')
      return []
    }
    const problem = problemOf(question, choices)
    if (problem) complain(`${problem.of}-${number}`, problem.sentence)
    return [{ id: number, question, choices, isRequired: `required-${number}` in typed }]
  })
  return { questions, wantsAddress: 'wantsAddress' in typed }
})

function problemOf(question: string, choices: string[]) {
  const tooLong = (max: number) => `May have ${max} characters at most.`
  if (question.length > questionCharactersMax) {
    return { of: 'question', sentence: tooLong(questionCharactersMax) }
  }
  if (choices.length === 1) return { of: 'choices', sentence: 'Please give two answers at least.' }
  if (choices.length > choicesMax) {
    return { of: 'choices', sentence: `May be ${choicesMax} answers at most.` }
  }
  const isTooLong = choices.some((choice) => choice.length > choiceCharactersMax)
  return isTooLong
    ? { of: 'choices', sentence: `Each ${tooLong(choiceCharactersMax).toLowerCase()}` }
    : undefined
}

/** What a backer answers: `answer-1` and so on, and the number of an address of theirs. */
export const answersForm = (survey: { questions: readonly Question[]; wantsAddress: boolean }) =>
  z.record(z.string(), z.string()).transform((typed, context) => {
    const complain = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    const answers: Record<string, string> = {}
    for (const { id, choices, isRequired } of survey.questions) {
      const field = `answer-${id}`
      const answer = (typed[field] ?? '').trim()
      if (answer === '') {
        if (isRequired) complain(field, 'Please answer this.')
        continue
      }
      if (choices.length > 0 && !choices.includes(answer)) {
        complain(field, 'Please choose one of these.')
      } else if (answer.length > answerCharactersMax) {
        complain(field, `May have ${answerCharactersMax} characters at most.`)
      } else answers[id] = answer
    }
    const address = idSchema.safeParse(typed['address']).data
    if (survey.wantsAddress && address === undefined) {
      complain('address', 'Please say where it should go.')
    }
    return { answers, addressId: survey.wantsAddress ? address : undefined }
  })

export type Answers = z.output<ReturnType<typeof answersForm>>

import { z } from 'zod'
import { versionField } from '../rules'

export const faqsMax = 50
export const questionCharactersMax = 200
export const answerCharactersMax = 5_000

const text = (charactersMax: number, missing: string) =>
  z
    .string()
    .default('')
    .transform((typed) => typed.trim())
    .pipe(
      z
        .string()
        .min(1, missing)
        .max(charactersMax, `May have ${charactersMax} characters at most.`),
    )

export interface Faq {
  question: string
  answer: string
}

export const faqForm = z.object({
  version: versionField,
  /** The question as the form found it, by which it is found again. */
  was: z.string().optional(),
  question: text(questionCharactersMax, 'Please write the question.').transform((line) =>
    line.replace(/\s+/g, ' '),
  ),
  answer: text(answerCharactersMax, 'Please write the answer.'),
})

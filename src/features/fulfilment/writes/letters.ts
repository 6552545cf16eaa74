import { writeLetter } from '#lib/letter'

/** To a guest who has paid. The link is absolute. */
export const surveyLetter = (
  { name, title, by }: { name: string; title: string; by: string },
  url: string,
) =>
  writeLetter({
    subject: `${by} needs to know something about your reward`,
    greeting: `Hello ${name},`,
    paragraphs: [
      `${by} asks the backers of “${title}” about what they get, and where it should go.`,
    ],
    action: { label: 'Answer the survey', url },
    reason: 'You have backed this project without an account.',
  })

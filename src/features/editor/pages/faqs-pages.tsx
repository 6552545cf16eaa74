import type { FormErrors, FormValues } from '#http/forms'
import { excerpt } from '#lib/text'
import { EmptyState } from '#web/components/empty-state'
import { Field, FormAlert, TextField } from '#web/components/form'
import { paths } from '#web/paths'
import { Differences, EditorPage, Frozen, VersionField } from '../parts/frame'
import { DeleteForm, MoveForm } from '../parts/order'
import type { Draft } from '../reads/drafts'
import { isEditable } from '../rules'
import { answerCharactersMax, type Faq, faqsMax, questionCharactersMax } from '../rules/faqs'

type StoredFaq = Faq & { position: number }

const excerptWords = 20

/** All questions of a project in their order, and what can be done to each. */
export function FaqsEditorPage(props: {
  draft: Draft
  faqs: StoredFaq[]
  done?: string | undefined
  problem?: string | undefined
}) {
  const { draft, faqs, done, problem } = props
  const mayChange = isEditable(draft)
  return (
    <EditorPage draft={draft} part="faqs" done={done} problem={problem}>
      <Frozen draft={draft} />
      {faqs.length === 0 && (
        <EmptyState title="No questions yet.">
          <p>Answer here what people ask you again and again.</p>
        </EmptyState>
      )}
      <ol className="editor-rows">
        {faqs.map((faq, index) => (
          <li key={faq.position} id={`question-${faq.position}`} className="editor-row">
            <div>
              <h3>{faq.question}</h3>
              <p className="editor-row-facts">{excerpt(faq.answer, excerptWords)}</p>
            </div>
            {mayChange && (
              <FaqActs
                draft={draft}
                faq={faq}
                isFirst={index === 0}
                isLast={index === faqs.length - 1}
              />
            )}
          </li>
        ))}
      </ol>
      {mayChange && faqs.length < faqsMax && (
        <p>
          <a className="button" href={paths.editFaq(draft, 'new')}>
            Add a question
          </a>
        </p>
      )}
      {faqs.length >= faqsMax && <p>A project has {faqsMax} questions at most.</p>}
    </EditorPage>
  )
}

function FaqActs(props: { draft: Draft; faq: StoredFaq; isFirst: boolean; isLast: boolean }) {
  const { draft, faq, isFirst, isLast } = props
  const address = paths.editFaq(draft, faq.position)
  const name = `“${faq.question}”`
  return (
    <div className="editor-row-acts">
      <a href={address} aria-label={`Edit ${name}`}>
        Edit
      </a>
      <MoveForm {...{ draft, name, isFirst, isLast }} action={`${address}/move`} />
      <DeleteForm {...{ draft, name }} action={`${address}/delete`} />
    </div>
  )
}

export interface FaqPageProps {
  draft: Draft
  /** None for a new one. */
  position?: number | undefined
  values: FormValues
  errors?: FormErrors | undefined
  problem?: string | undefined
  /** What is stored, where somebody has saved since the form was made. */
  stored?: FormValues | undefined
}

/** One question with its answer. */
export function FaqPage(props: FaqPageProps) {
  const { draft, position, values, errors = {}, problem, stored } = props
  const field = (name: string) => ({ name, defaultValue: values[name], error: errors[name] })
  return (
    <EditorPage draft={draft} part="faqs" problem={problem}>
      <p>
        <a href={paths.edit(draft, 'faqs')}>All questions</a>
      </p>
      <h3>{position === undefined ? 'A new question' : `Question ${position}`}</h3>
      {stored && (
        <Differences
          labels={{ question: 'Question', answer: 'Answer' }}
          typed={values}
          stored={stored}
        />
      )}
      {Object.keys(errors).length > 0 && <FormAlert>Nothing is saved yet: see below.</FormAlert>}
      <form className="form" method="post" action={paths.editFaq(draft, position ?? 'new')}>
        <VersionField version={draft.version} />
        <input type="hidden" name="was" value={values['was'] ?? values['question'] ?? ''} />
        <Field {...field('question')} label="Question" required maxLength={questionCharactersMax} />
        <TextField
          {...field('answer')}
          label="Answer"
          hint={`Up to ${answerCharactersMax} characters. Markdown works here.`}
          required
          maxLength={answerCharactersMax}
          rows={8}
        />
        <button className="button" type="submit">
          Save
        </button>
      </form>
    </EditorPage>
  )
}

import type { FormValues } from '#http/forms'
import { formatMoney, plainAmount } from '#lib/money'
import { Field, FieldGroup, TextField } from '#web/components/form'
import { Prose } from '#web/components/prose'
import { paths } from '#web/paths'
import { At, EditForm, type FieldOf, type Filled, fieldsOf } from '../parts/form'
import { EditorPage, Frozen } from '../parts/frame'
import type { Draft } from '../reads/drafts'
import {
  budgetLabelCharactersMax,
  budgetLinesMax,
  isEditable,
  risksCharactersMax,
  storyCharactersMax,
  storyCharactersMin,
} from '../rules'

const emptyLines = 3

/** As many lines as there are, and a few more to fill in. */
const linesShown = (values: FormValues): number[] => {
  const given = Array.from({ length: budgetLinesMax }, (_, index) => index + 1).filter(
    (number) => values[`label-${number}`] || values[`amount-${number}`],
  )
  const shown = Math.min(budgetLinesMax, (given.at(-1) ?? 0) + emptyLines)
  return Array.from({ length: shown }, (_, index) => index + 1)
}

const storyValues = ({ story, risks, budget, currency }: Draft): FormValues => ({
  ...{ story, risks },
  ...Object.fromEntries(
    budget.flatMap(({ label, amount }, index) => [
      [`label-${index + 1}`, label],
      [`amount-${index + 1}`, plainAmount(amount, currency)],
    ]),
  ),
})

const labelsOf = (lines: number[]) => ({
  ...{ story: 'Story', risks: 'Risks and challenges' },
  ...Object.fromEntries(
    lines.flatMap((number) => [
      [`label-${number}`, `Budget line ${number}`],
      [`amount-${number}`, `Amount ${number}`],
    ]),
  ),
})

export function StoryPage(props: {
  draft: Draft
  filled?: Filled | undefined
  /** The story that was asked to be shown as it will look. */
  preview?: string | undefined
  done?: string | undefined
}) {
  const { draft, filled, preview, done } = props
  return (
    <EditorPage draft={draft} part="story" done={done}>
      {isEditable(draft) ? (
        <StoryForm draft={draft} filled={filled} preview={preview} />
      ) : (
        <Frozen draft={draft} />
      )}
    </EditorPage>
  )
}

function StoryForm(props: {
  draft: Draft
  filled?: Filled | undefined
  preview?: string | undefined
}) {
  const { draft, filled, preview } = props
  const stored = storyValues(draft)
  const values = filled?.values ?? stored
  const field = fieldsOf(values, filled?.errors)
  const lines = linesShown({ ...stored, ...values })
  return (
    <EditForm
      action={paths.edit(draft, 'story')}
      version={draft.version}
      stored={stored}
      filled={filled}
      labels={labelsOf(lines)}
    >
      <At name="story">
        <TextField
          {...field('story')}
          label="Story"
          hint={`What you make, why, and who you are: at least ${storyCharactersMin} characters. **Bold**, ## headings, lists and [links](https://…) are written in Markdown.`}
          maxLength={storyCharactersMax}
          rows={18}
          data-story=""
        />
        <p className="editor-story-ways">
          <button
            className="button button-quiet"
            type="submit"
            formAction={paths.storyPreview(draft)}
            formNoValidate
            data-preview=""
          >
            Preview
          </button>
          <a href={paths.images()} target="_blank" rel="noopener" data-add-picture="">
            Add a picture
          </a>
        </p>
        <div className="editor-preview" id="preview" data-preview-shown="" hidden={!preview}>
          {preview && <StoryPreview story={preview} />}
        </div>
      </At>
      <At name="risks">
        <TextField
          {...field('risks')}
          label="Risks and challenges"
          hint="What could go wrong or late, and what you would do about it."
          maxLength={risksCharactersMax}
          rows={6}
        />
      </At>
      <BudgetFields draft={draft} lines={lines} field={field} />
    </EditForm>
  )
}

/** What a script puts beside the form, and the page shows without one. */
export const StoryPreview = ({ story }: { story: string }) => <Prose text={story} />

function BudgetFields(props: { draft: Draft; lines: number[]; field: FieldOf }) {
  const { draft, lines, field } = props
  const { currency, goal, budget } = draft
  const sum = budget.reduce((all, { amount }) => all + amount, 0)
  return (
    <FieldGroup
      label="Where the money goes"
      hint={
        sum === 0
          ? `Up to ${budgetLinesMax} lines; leave it empty if you like. After saving there are more.`
          : `${formatMoney(sum, currency)} so far, of a goal of ${formatMoney(goal, currency)}. After saving there are more lines.`
      }
    >
      {lines.map((number) => (
        <div className="editor-pair" key={number}>
          <Field
            {...field(`label-${number}`)}
            label={`For what (${number})`}
            maxLength={budgetLabelCharactersMax}
          />
          <Field
            {...field(`amount-${number}`)}
            label={`Amount in ${currency} (${number})`}
            inputMode="decimal"
            maxLength={40}
          />
        </div>
      ))}
    </FieldGroup>
  )
}

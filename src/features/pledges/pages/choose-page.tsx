import type { FeeRates } from '#config'
import type { Project } from '#features/projects/reads/projects'
import type { Reward } from '#features/projects/reads/rewards'
import { FormAlert } from '#web/components/form'
import { paths } from '#web/paths'
import { ChoiceFields } from '../parts/choice-form'
import { PledgeFrame } from '../parts/frame'
import { Shares, Sums } from '../parts/sums'
import type { Quote } from '../rules/choice'
import { chargeSentence } from '../rules/sentences'

interface ChooseProps {
  project: Project
  rewards: readonly Reward[]
  rates: FeeRates
  values: Readonly<Record<string, string>>
  errors: Readonly<Record<string, string>>
  quote: Quote
  /** Of the pledge that is being changed; null when it has none. */
  ownReward?: number | null | undefined
}

/** What to back a project with. It is made anew at each step; a script does that by itself. */
export function ChoosePage(props: ChooseProps) {
  const { project, rewards, rates, values, errors, quote, ownReward } = props
  const isChange = ownReward !== undefined
  const reward = rewards.find(({ id, isAddOn }) => !isAddOn && String(id) === values['reward'])
  const offer = { currency: project.currency, rewards }
  const action = isChange ? paths.pledgePart(project, 'change') : paths.newPledge(project)
  return (
    <PledgeFrame
      project={project}
      title={isChange ? 'Change your pledge' : 'Back this project'}
      scripted
    >
      <form className="form pledge-form" action={action} data-quote-form="">
        <div className="form">
          {Object.keys(errors).length > 0 && (
            <FormAlert>Something is not right yet: see below.</FormAlert>
          )}
          <ChoiceFields {...{ offer, reward, ownReward, values, errors }} />
        </div>
        <section className="pledge-summary" aria-labelledby="summary">
          <h2 id="summary">Your pledge</h2>
          <div data-quote="summary" aria-live="polite">
            {quote.lines.length > 0 ? (
              <>
                <Sums {...quote} currency={project.currency} />
                {quote.errors['country'] && (
                  <p className="pledge-note">Shipping comes on top: choose where it goes.</p>
                )}
                <Shares total={quote.total} currency={project.currency} rates={rates} />
              </>
            ) : (
              <p>Choose a reward or give an amount.</p>
            )}
          </div>
          <p className="pledge-note">{chargeSentence(project)}</p>
          <p className="pledge-ways">
            <button className="button button-large" type="submit" formMethod="post">
              Continue
            </button>
            <button
              className="button button-quiet button-large"
              type="submit"
              name="check"
              value="1"
              data-recalculate=""
            >
              Recalculate
            </button>
          </p>
        </section>
      </form>
    </PledgeFrame>
  )
}

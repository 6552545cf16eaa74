import type { Reward } from '#features/projects/reads/rewards'
import type { FormErrors, FormValues } from '#http/forms'
import { formatMoney } from '#lib/money'
import { formatCount, plural } from '#lib/text'
import { formatMonth } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { FormAlert } from '#web/components/form'
import { Picture } from '#web/components/picture'
import { paths } from '#web/paths'
import { Differences, EditorPage, Frozen, VersionField } from '../parts/frame'
import { DeleteForm, MoveForm } from '../parts/order'
import { QuantityField, RewardFormFields, RewardPictureFields } from '../parts/rewards-form'
import type { Draft } from '../reads/drafts'
import { isEditable } from '../rules'
import { rewardLabels } from '../rules/reward-values'
import { rewardsMax } from '../rules/rewards'

/** All rewards of a project in their order, and what can be done to each. */
export function RewardsEditorPage(props: {
  draft: Draft
  rewards: Reward[]
  done?: string | undefined
  problem?: string | undefined
}) {
  const { draft, rewards, done, problem } = props
  const [alone, addOns] = [false, true].map((isAddOn) =>
    rewards.filter((reward) => reward.isAddOn === isAddOn),
  ) as [Reward[], Reward[]]
  const mayAdd = isEditable(draft) && rewards.length < rewardsMax
  return (
    <EditorPage draft={draft} part="rewards" done={done} problem={problem}>
      <Frozen draft={draft} />
      {rewards.length === 0 && (
        <EmptyState title="No rewards yet.">
          <p>What do backers get? A project can also do without, but few do.</p>
        </EmptyState>
      )}
      <RewardRows draft={draft} rewards={alone} />
      {addOns.length > 0 && (
        <section aria-labelledby="add-ons">
          <h3 id="add-ons">Add-ons</h3>
          <RewardRows draft={draft} rewards={addOns} />
        </section>
      )}
      {mayAdd && (
        <p>
          <a className="button" href={paths.editReward(draft, 'new')}>
            Add a reward
          </a>
        </p>
      )}
      {rewards.length >= rewardsMax && <p>A project has {rewardsMax} rewards at most.</p>}
    </EditorPage>
  )
}

function RewardRows({ draft, rewards }: { draft: Draft; rewards: Reward[] }) {
  return (
    <ol className="editor-rows">
      {rewards.map((reward, index) => (
        <li key={reward.id} id={`reward-${reward.id}`} className="editor-row">
          {reward.image && (
            <Picture hash={reward.image} alt={reward.imageAlt} sizes="96px" width={4} height={3} />
          )}
          <div>
            <h3>{reward.name}</h3>
            <p className="editor-row-facts">{factsOf(reward, draft.currency)}</p>
          </div>
          {isEditable(draft) && (
            <RewardActs
              draft={draft}
              reward={reward}
              isFirst={index === 0}
              isLast={index === rewards.length - 1}
            />
          )}
        </li>
      ))}
    </ol>
  )
}

function factsOf(reward: Reward, currency: string): string {
  const { quantity, backersCount } = reward
  return [
    formatMoney(reward.amount, currency),
    plural(backersCount, 'backer'),
    quantity === null ? 'no limit' : `${formatCount(quantity - backersCount)} of ${quantity} left`,
    `delivery ${formatMonth(reward.deliveryMonth)}`,
  ].join(' · ')
}

function RewardActs(props: { draft: Draft; reward: Reward; isFirst: boolean; isLast: boolean }) {
  const { draft, reward, isFirst, isLast } = props
  const { name } = reward
  const address = paths.editReward(draft, reward.id)
  return (
    <div className="editor-row-acts">
      <a href={address} aria-label={`Edit ${name}`}>
        Edit
      </a>
      <a
        href={`${paths.editReward(draft, 'new')}?copy=${reward.id}`}
        aria-label={`Add a copy of ${name}`}
      >
        Copy
      </a>
      <MoveForm {...{ draft, name, isFirst, isLast }} action={`${address}/move`} />
      {reward.backersCount === 0 && (
        <DeleteForm {...{ draft, name }} action={`${address}/delete`} />
      )}
    </div>
  )
}

export interface RewardPageProps {
  draft: Draft
  /** None for a new one. */
  reward?: Reward | undefined
  values: FormValues
  errors?: FormErrors | undefined
  image: string | null
  problem?: string | undefined
  /** What is stored, where somebody has saved since the form was made. */
  stored?: FormValues | undefined
}

/** One reward: a new one, one that nobody has taken, or what stays open of one that is taken. */
export function RewardPage(props: RewardPageProps) {
  const { draft, reward, values, errors = {}, image, problem, stored } = props
  const fields = { values, errors, image, currency: draft.currency }
  const isTaken = reward !== undefined && reward.backersCount > 0
  const count = Object.keys(errors).length
  return (
    <EditorPage draft={draft} part="rewards" problem={problem}>
      <p>
        <a href={paths.edit(draft, 'rewards')}>All rewards</a>
      </p>
      <h3>{reward ? reward.name : 'A new reward'}</h3>
      {stored && (
        <Differences labels={rewardLabels(values, stored)} typed={values} stored={stored} />
      )}
      {count > 0 && (
        <FormAlert>{`Nothing is saved yet: ${plural(count, 'thing')} to mend below.`}</FormAlert>
      )}
      <form
        className="form"
        method="post"
        encType="multipart/form-data"
        action={paths.editReward(draft, reward?.id ?? 'new')}
      >
        <VersionField version={draft.version} />
        <DefaultButton />
        {isTaken ? (
          <>
            <p>
              {`${plural(reward.backersCount, 'backer')} counted on this reward as it is, so only its
              picture may change, and there may be more of it.`}
            </p>
            <QuantityField {...fields} hint={moreHint(reward)} />
            <RewardPictureFields {...fields} />
          </>
        ) : (
          <RewardFormFields {...fields} />
        )}
        <button className="button" type="submit">
          Save
        </button>
      </form>
    </EditorPage>
  )
}

/** What the enter key presses: the first button of a form, which would be one that adds a row. */
const DefaultButton = () => (
  <button className="visually-hidden" type="submit" tabIndex={-1} aria-hidden="true">
    Save
  </button>
)

const moreHint = ({ quantity }: Reward) =>
  quantity === null
    ? 'It is unlimited and stays so.'
    : `It is ${formatCount(quantity)} now and may only rise. Leave it empty for no limit.`

import { formatMoney } from '#lib/money'
import { formatCount } from '#lib/text'
import { formatDate, formatMonth } from '#lib/time'
import { Picture } from '#web/components/picture'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Project } from '../reads/projects'
import type { Reward } from '../reads/rewards'
import { mostPerBacker, pledgeLimits, type RewardState, rewardState, takesPledges } from '../rules'

/**
 * Every reward, those still to be had first, then what can be added to one, then what is gone or
 * over.
 */
export function RewardList({ project, rewards }: { project: Project; rewards: Reward[] }) {
  const site = useSite()
  const running = takesPledges(project, site)
  const withState = rewards.map((reward) => ({ reward, state: rewardState(reward, running, site) }))
  const open = withState.filter(({ state }) => isOpen(state))
  const over = withState.filter(({ state }) => !isOpen(state))
  const addOns = open.filter(({ reward }) => reward.isAddOn)
  const card = ({ reward, state }: (typeof withState)[number]) => (
    <RewardCard key={reward.id} project={project} reward={reward} state={state} />
  )
  return (
    <>
      {running && <WithoutReward project={project} />}
      {open.filter(({ reward }) => !reward.isAddOn).map(card)}
      {addOns.length > 0 && <AddOnsHeading />}
      {addOns.map(card)}
      {over.length > 0 && running && <h3 className="rewards-over">No longer available</h3>}
      {over.map(card)}
    </>
  )
}

const AddOnsHeading = () => (
  <h3 className="rewards-add-ons">
    Add-ons <small>To be taken on top of a reward</small>
  </h3>
)

const isOpen = ({ kind }: RewardState) => kind !== 'gone' && kind !== 'closed'

function WithoutReward({ project }: { project: Project }) {
  return (
    <article className="reward reward-none">
      <h3>Support without a reward</h3>
      <p>
        Any amount from {formatMoney(pledgeLimits(project.currency).min, project.currency)} helps,
        because you want it to exist.
      </p>
      <BackLink project={project} reward="none" label="Back without a reward" />
    </article>
  )
}

function BackLink(props: {
  project: Project
  reward: number | 'none'
  label: string
  name?: string
}) {
  const { project, reward, label, name } = props
  return (
    <a className="button button-quiet" href={paths.newPledge(project, { reward })} rel="nofollow">
      {label}
      {name && <span className="visually-hidden">: {name}</span>}
    </a>
  )
}

interface RewardProps {
  project: Project
  reward: Reward
  state: RewardState
}

function RewardCard({ project, reward, state }: RewardProps) {
  return (
    <article className={`reward reward-${state.kind}`} id={`reward-${reward.id}`}>
      {reward.image && (
        <Picture
          className="reward-picture"
          hash={reward.image}
          alt={reward.imageAlt}
          sizes="(min-width: 48rem) 22rem, 100vw"
        />
      )}
      <p className="reward-amount">
        {reward.isAddOn
          ? `Add for ${formatMoney(reward.amount, project.currency)}`
          : `Pledge ${formatMoney(reward.amount, project.currency)} or more`}
      </p>
      <h3>{reward.name}</h3>
      <p>{reward.description}</p>
      {reward.items.length > 0 && (
        <>
          <p className="reward-label">Includes</p>
          <ul className="reward-items">
            {reward.items.map((item) => (
              <li key={item.name}>
                {item.quantity > 1 && `${item.quantity} × `}
                {item.name}
              </li>
            ))}
          </ul>
        </>
      )}
      <dl className="reward-facts">
        <div>
          <dt>Estimated delivery</dt>
          <dd>{formatMonth(reward.deliveryMonth)}</dd>
        </div>
        <div>
          <dt>Ships to</dt>
          <dd>{shipsTo(reward)}</dd>
        </div>
        {mostPerBacker(reward) > 1 && (
          <div>
            <dt>For each backer</dt>
            <dd>{mostPerBacker(reward)} at most</dd>
          </div>
        )}
        <div>
          <dt>Backers</dt>
          <dd>{formatCount(reward.backersCount)}</dd>
        </div>
      </dl>
      <Shipping project={project} reward={reward} />
      <Stock reward={reward} state={state} />
      {!reward.isAddOn && (state.kind === 'available' || state.kind === 'limited') && (
        <BackLink
          project={project}
          reward={reward.id}
          label="Choose this reward"
          name={reward.name}
        />
      )}
    </article>
  )
}

function shipsTo({ shipsTo: kind, shipping }: Reward): string {
  if (kind === 'nobody') return 'Nothing to ship'
  if (kind === 'anywhere') return 'Anywhere in the world'
  return shipping.map(({ country }) => country).join(', ')
}

function Shipping({ project, reward }: { project: Project; reward: Reward }) {
  if (reward.shipping.length === 0) return null
  return (
    <details className="reward-shipping">
      <summary>Shipping prices</summary>
      <ul>
        {reward.shipping.map(({ country, price }) => (
          <li key={country}>
            {country} <span>{price === 0 ? 'free' : formatMoney(price, project.currency)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function Stock({ reward, state }: Pick<RewardProps, 'reward' | 'state'>) {
  const text = stockText(state)
  if (text === null) return null
  const isFollowed = state.kind === 'limited' || state.kind === 'gone'
  return (
    <p
      className={`reward-stock reward-stock-${state.kind}`}
      data-live-stock={isFollowed ? reward.id : undefined}
      data-live-quantity={isFollowed ? reward.quantity : undefined}
    >
      {text}
    </p>
  )
}

function stockText(state: RewardState): string | null {
  switch (state.kind) {
    case 'available':
      return null
    case 'limited':
      return `Limited (${formatCount(state.left)} left of ${formatCount(state.quantity)})`
    case 'gone':
      return 'All gone!'
    case 'held':
      return 'The last ones are set aside at a checkout: try again in some minutes'
    case 'upcoming':
      return `Opens ${formatDate(state.opensAt)}`
    case 'closed':
      return state.closesAt ? `Closed ${formatDate(state.closesAt)}` : null
  }
}

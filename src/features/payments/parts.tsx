import { FieldGroup } from '#web/components/form'
import { paths } from '#web/paths'
import { type Card, cardExpiry, cardName } from './rules'

/** `Visa ending in 4242, valid until 09/41`. */
export function CardName({ card }: { card: Card }) {
  return (
    <span className="card-name">
      {cardName(card)}, valid until {cardExpiry(card)}
    </span>
  )
}

/**
 * Which card pays: a field `card` in a form, and the way to another one, from which the browser
 * comes back to `to` with `card=ID` in its query.
 */
export function CardChoice(props: {
  cards: readonly Card[]
  /** Without it, the one that comes first. */
  chosen?: number | null | undefined
  to: string
  isTest: boolean
  error?: string | undefined
}) {
  const { cards, chosen, to, isTest, error } = props
  const checked = cards.find(({ id }) => id === chosen)?.id ?? cards[0]?.id
  return (
    <FieldGroup label="Card" error={error}>
      {cards.map((card) => (
        <label className="choice" key={card.id}>
          <input type="radio" name="card" value={card.id} defaultChecked={card.id === checked} />
          <CardName card={card} />
        </label>
      ))}
      <p>
        <a
          className={cards.length === 0 ? 'button' : 'button button-quiet'}
          href={paths.newCard({ to })}
        >
          {cards.length === 0 ? 'Add a card' : 'Add another card'}
        </a>
      </p>
      <ProviderNote isTest={isTest} />
    </FieldGroup>
  )
}

/** Who sees the number of a card. */
export function ProviderNote({ isTest }: { isTest: boolean }) {
  if (!isTest) {
    return (
      <p className="field-hint">You type its number on a page of Stripe’s. It never reaches us.</p>
    )
  }
  return (
    <p className="field-hint">
      No money moves here: only <a href={paths.testCards()}>test cards</a> are taken.
    </p>
  )
}

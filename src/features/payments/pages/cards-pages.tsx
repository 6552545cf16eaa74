import { FormAlert, Notice } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { CardName, ProviderNote } from '../parts'
import { type Card, cardName, cardsMax, isExpired } from '../rules'

const doneSentences: Record<string, string> = {
  added: 'The card was added. It now pays where you choose no other.',
  removed: 'The card was removed.',
  chosen: 'This card now pays where you choose no other.',
}

export interface PaysFor {
  cardId: number
  projects: { id: number; title: string }[]
}

/** Somebody's cards. */
export function CardsPage(props: {
  cards: Card[]
  isTest: boolean
  done?: string | undefined
  /** Why a card was not removed. */
  kept?: PaysFor
}) {
  const { cards, isTest, done, kept } = props
  const sentence = doneSentences[done ?? '']
  return (
    <Document title="Your cards" hidden>
      <div className="settings">
        <h1>Your cards</h1>
        {sentence && <Notice>{sentence}</Notice>}
        {kept && <KeptAlert cards={cards} kept={kept} />}
        {cards.length === 0 ? (
          <p>There are none yet. You can also add one when you back a project.</p>
        ) : (
          <ul className="session-list">
            {cards.map((card, place) => (
              <CardRow key={card.id} card={card} isChosen={place === 0} />
            ))}
          </ul>
        )}
        {cards.length < cardsMax ? (
          <p>
            <a className="button" href={paths.newCard()}>
              Add a card
            </a>
          </p>
        ) : (
          <p>These are as many as one may have. Remove one to add another.</p>
        )}
        <ProviderNote isTest={isTest} />
      </div>
    </Document>
  )
}

function KeptAlert({ cards, kept }: { cards: Card[]; kept: PaysFor }) {
  const card = cards.find(({ id }) => id === kept.cardId)
  return (
    <FormAlert>
      {card ? cardName(card) : 'This card'} still is to pay for{' '}
      {kept.projects.map((project, place) => (
        <span key={project.id}>
          {place > 0 && ', '}
          <a dir="auto" href={paths.pledge(project)}>
            {project.title}
          </a>
        </span>
      ))}
      . Choose another card there first.
    </FormAlert>
  )
}

function CardRow({ card, isChosen }: { card: Card; isChosen: boolean }) {
  const { now } = useSite()
  const name = cardName(card)
  return (
    <li>
      <div>
        <strong>
          <CardName card={card} />
        </strong>
        <p>
          {isExpired(card, now) && 'It has expired. '}
          {isChosen && 'Pays where you choose no other.'}
        </p>
      </div>
      <div className="card-acts">
        {!isChosen && (
          <form method="post" action={paths.cardAct(card.id, 'default')}>
            <button className="button button-quiet" type="submit" aria-label={`Prefer ${name}`}>
              Prefer
            </button>
          </form>
        )}
        <form method="post" action={paths.cardAct(card.id, 'remove')}>
          <button className="button button-quiet" type="submit" aria-label={`Remove ${name}`}>
            Remove
          </button>
        </form>
      </div>
    </li>
  )
}

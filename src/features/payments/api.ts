import { z } from 'zod'
import { noInput } from '#http/api'
import { id } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { listCards } from './reads'

const card = z.object({
  id,
  brand: z.string().meta({ examples: ['visa'] }),
  lastFour: z.string().length(4),
  expiryMonth: z.int().min(1).max(12),
  expiryYear: z.int(),
})

export const cardsApi = [
  ownEndpoint({
    id: 'listCards',
    method: 'get',
    path: '/me/cards',
    summary: 'Your cards, the preferred one first',
    description: 'A card is added on the site alone: its number is for the payment company.',
    scope: 'pledges',
    params: noInput,
    answer: z.object({ data: z.array(card) }),
    sample: () => ({}),
    handle: async ({ deps: { db, payments }, viewer }) => {
      const cards = await listCards(db, viewer.id, payments.name)
      return {
        data: cards.map(({ id, brand, lastFour, expiryMonth, expiryYear }) => ({
          ...{ id, brand, lastFour, expiryMonth, expiryYear },
        })),
      }
    },
  }),
]

import { z } from 'zod'
import { noInput } from '#http/api'
import { readAsForm } from '#http/api-input'
import { id, idDigitsMax, numberInput } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { listAddresses } from '../reads/addresses'
import { addressesMax, addressForm } from '../rules/addresses'
import { addAddress, changeAddress, removeAddress } from '../writes/addresses'
import { ownAddress } from './shapes'

const newAddress = z.strictObject({
  name: z.string(),
  line1: z.string().describe('Street and number.'),
  line2: z.string().default(''),
  city: z.string(),
  state: z.string().default(''),
  postcode: z.string().default(''),
  country: z.string().describe('By its English name or its two letters.'),
  phone: z.string().default(''),
  isDefault: z.boolean().default(false).describe('Proposed first.'),
})

const bodyExample = {
  ...{ name: 'Ada Lovelace', line1: '1 Elm Street', city: 'Lyon', postcode: '69001' },
  country: 'France',
}

const readAddress = ({ isDefault, ...given }: z.output<typeof newAddress>) =>
  readAsForm(addressForm, { ...given, ...(isDefault ? { isDefault: 'on' } : {}) })

const ofAddress = {
  params: z.strictObject({ address: numberInput(idDigitsMax).describe('The address’s id.') }),
  missing: { address: 'not_found' },
  sample: () => ({ address: 1 }),
} as const

/** Somebody's address book. */
export const addressesApi = [
  ownEndpoint({
    id: 'listAddresses',
    method: 'get',
    path: '/me/addresses',
    summary: 'Your address book, the address that is used first at the top',
    scope: 'read',
    params: noInput,
    answer: z.object({ data: z.array(ownAddress) }),
    sample: () => ({}),
    handle: async ({ deps, viewer }) => ({ data: await listAddresses(deps.db, viewer.id) }),
  }),

  ownEndpoint({
    id: 'addAddress',
    method: 'post',
    path: '/me/addresses',
    summary: 'Add an address',
    description: 'The same one twice is one.',
    scope: 'write',
    params: noInput,
    body: newAddress,
    bodyExample,
    answer: z.object({ id }),
    creates: true,
    sample: () => ({}),
    handle: async ({ deps, viewer, body }) => {
      const added = await addAddress(deps.db, viewer.id, await readAddress(body))
      if ('id' in added) return added
      throw new AppError('invalid_body', { detail: `There may be ${addressesMax} addresses.` })
    },
  }),

  ownEndpoint({
    id: 'changeAddress',
    method: 'put',
    path: '/me/addresses/{address}',
    summary: 'Change an address; what a creator has already been given stays as it was',
    scope: 'write',
    ...ofAddress,
    body: newAddress,
    bodyExample,
    handle: async ({ deps, viewer, params, body }) =>
      changeAddress(deps.db, viewer.id, params.address, await readAddress(body)),
  }),

  ownEndpoint({
    id: 'removeAddress',
    method: 'delete',
    path: '/me/addresses/{address}',
    summary: 'Take an address out of the book',
    scope: 'write',
    ...ofAddress,
    handle: ({ deps, viewer, params }) => removeAddress(deps.db, viewer.id, params.address),
  }),
]

import { type Context, Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { type FormErrors, type FormValues, readForm } from '#http/forms'
import { requireBacker } from '#http/guest'
import { found } from '#http/input'
import { renderPage } from '#http/render'
import { nextPath } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { AddressesPage, AddressPage } from '../pages/addresses-pages'
import { findAddress, listAddresses } from '../reads/addresses'
import { addressForm } from '../rules/addresses'
import { addAddress, changeAddress, chooseDefaultAddress, removeAddress } from '../writes/addresses'

export const addresses = new Hono<AppEnv>()

const doneSentences: Record<string, string> = {
  saved: 'The address is saved.',
  removed: 'The address is removed.',
}
const onePath = '/settings/addresses/:address{[1-9][0-9]{0,14}}'

interface Typed {
  values?: FormValues
  errors?: FormErrors
  problem?: string
}

addresses.get('/settings/addresses', (c) => bookPage(c))

addresses.post('/settings/addresses', async (c) => {
  const { id } = await requireBacker(c)
  const { values, data, errors } = await readForm(c, addressForm)
  if (errors) return bookPage(c, { values, errors })
  const added = await addAddress(c.var.deps.db, id, data)
  if ('wrong' in added) {
    return bookPage(c, { values, errors: {}, problem: 'You have as many as one may have.' })
  }
  const next = c.req.query('next')
  return c.redirect(next ? nextPath(next) : paths.addresses({ done: 'saved' }), 303)
})

async function bookPage(c: Context<AppEnv>, typed: Typed = {}): Promise<Response> {
  const { id } = await requireBacker(c)
  const book = await listAddresses(c.var.deps.db, id)
  const given = c.req.query('next')
  const next = given && nextPath(given)
  const done = doneSentences[c.req.query('done') ?? '']
  return renderPage(
    c,
    <AddressesPage addresses={book} next={next} done={done} {...typed} />,
    typed.errors ? 422 : 200,
  )
}

addresses.get(onePath, (c) => addressPage(c))

addresses.post(onePath, async (c) => {
  const { id } = await requireBacker(c)
  const { values, data, errors } = await readForm(c, addressForm)
  if (errors) return addressPage(c, { values, errors })
  await changeAddress(c.var.deps.db, id, Number(c.req.param('address')), data)
  return c.redirect(paths.addresses({ done: 'saved' }), 303)
})

async function addressPage(c: Context<AppEnv>, typed: Typed = {}): Promise<Response> {
  const { id } = await requireBacker(c)
  const row = await findAddress(c.var.deps.db, id, Number(c.req.param('address')))
  const address = found(row, new AppError('not_found'))
  return renderPage(c, <AddressPage address={address} {...typed} />, typed.errors ? 422 : 200)
}

addresses.post(`${onePath}/default`, async (c) => {
  const { id } = await requireBacker(c)
  await chooseDefaultAddress(c.var.deps.db, id, Number(c.req.param('address')))
  return c.redirect(paths.addresses(), 303)
})

addresses.post(`${onePath}/remove`, async (c) => {
  const { id } = await requireBacker(c)
  await removeAddress(c.var.deps.db, id, Number(c.req.param('address')))
  return c.redirect(paths.addresses({ done: 'removed' }), 303)
})

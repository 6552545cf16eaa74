import type { FormErrors, FormValues } from '#http/forms'
import { countries } from '#lib/countries'
import { Choice, Field, FormAlert, Notice, SelectField } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { PostalAddress } from '../parts/postal'
import type { Address } from '../reads/addresses'
import { addressesMax, addressLineCharactersMax } from '../rules/addresses'

interface Filled {
  values?: FormValues | undefined
  errors?: FormErrors | undefined
  /** Above the form. */
  problem?: string | undefined
}

/** Somebody's address book. */
export function AddressesPage(
  props: Filled & { addresses: Address[]; next: string | undefined; done: string | undefined },
) {
  const { addresses, done, next } = props
  return (
    <Document title="Addresses" hidden scripted>
      <div className="settings">
        <header>
          <h1>Addresses</h1>
          <p>
            Where your rewards go. Only creators whose survey you answer see the one you choose.
          </p>
        </header>
        {done && <Notice>{done}</Notice>}
        {next && (
          <p>
            <a className="button button-quiet" href={next}>
              Back to the survey
            </a>
          </p>
        )}
        {addresses.length > 0 && (
          <ul className="address-list">
            {addresses.map((address) => (
              <AddressItem key={address.id} address={address} />
            ))}
          </ul>
        )}
        <section aria-labelledby="new">
          <h2 id="new">{addresses.length === 0 ? 'Your first address' : 'Another address'}</h2>
          {addresses.length < addressesMax ? (
            <AddressForm {...props} action={paths.addresses({ next })} />
          ) : (
            <p>You have as many as one may have. Remove one first.</p>
          )}
        </section>
      </div>
    </Document>
  )
}

function AddressItem({ address }: { address: Address }) {
  return (
    <li>
      <PostalAddress address={address} />
      <div className="address-acts">
        {address.isDefault ? (
          <span className="badge">Used first</span>
        ) : (
          <form method="post" action={paths.addressAct(address.id, 'default')}>
            <button className="button button-quiet" type="submit">
              Use first
            </button>
          </form>
        )}
        <a className="button button-quiet" href={paths.address(address.id)}>
          Change
        </a>
        <form method="post" action={paths.addressAct(address.id, 'remove')}>
          <button className="button button-quiet" type="submit">
            Remove
          </button>
        </form>
      </div>
    </li>
  )
}

/** One of them, to be changed. */
export function AddressPage(props: Filled & { address: Address }) {
  const { address, values, errors } = props
  const { id, isDefault, ...given } = address
  const filled = { ...given, ...(isDefault ? { isDefault: 'on' } : {}) }
  return (
    <Document title="Change an address" hidden scripted>
      <div className="form-page">
        <h1>Change an address</h1>
        <p className="lead">What you have already given to a creator stays as it was.</p>
        <AddressForm values={values ?? filled} errors={errors} action={paths.address(id)} />
      </div>
    </Document>
  )
}

function AddressForm({ values = {}, errors = {}, problem, action }: Filled & { action: string }) {
  const field = (name: string) => ({
    ...{ name, defaultValue: values[name], error: errors[name] },
    maxLength: addressLineCharactersMax,
  })
  return (
    <form className="form" method="post" action={action}>
      {problem && <FormAlert>{problem}</FormAlert>}
      <Field {...field('name')} label="Name" autoComplete="name" required dir="auto" />
      <Field {...field('line1')} label="Street and number" autoComplete="address-line1" required />
      <Field {...field('line2')} label="More (if needed)" autoComplete="address-line2" />
      <Field {...field('postcode')} label="Postcode" autoComplete="postal-code" />
      <Field {...field('city')} label="City" autoComplete="address-level2" required />
      <Field {...field('state')} label="State or region" autoComplete="address-level1" />
      <SelectField
        name="country"
        label="Country"
        autoComplete="country-name"
        defaultValue={values['country'] ?? ''}
        error={errors['country']}
      >
        <option value="">Please choose</option>
        {countries.map((country) => (
          <option key={country}>{country}</option>
        ))}
      </SelectField>
      <Field
        {...field('phone')}
        label="Telephone (if you like)"
        hint="Some carriers ask for it."
        autoComplete="tel"
        type="tel"
      />
      <Choice name="isDefault" label="Use it first" defaultChecked={'isDefault' in values} />
      <button className="button" type="submit">
        Save
      </button>
    </form>
  )
}

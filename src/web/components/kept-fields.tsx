/**
 * What somebody wrote in a form that could not be taken, as a later form carries it on: each field
 * as `kept:` with its name, and in `kept-to` where it was sent.
 */
export type KeptForm = Readonly<Record<string, string>>

export const keptTo = 'kept-to'
const prefix = 'kept:'

/** The fields of a form that was sent to this path, named to be carried on. */
export const keepFields = (path: string, fields: KeptForm): KeptForm => ({
  ...Object.fromEntries(Object.entries(fields).map(([name, text]) => [prefix + name, text])),
  [keptTo]: path,
})

const Hidden = ({ fields }: { fields: [name: string, text: string][] }) =>
  fields.map(([name, text]) => <input key={name} type="hidden" name={name} value={text} />)

/** Carries on, among the fields of another form, what these values have kept. */
export function KeptFields({ values }: { values: KeptForm }) {
  const isKept = ([name]: [string, string]) => name === keptTo || name.startsWith(prefix)
  return <Hidden fields={Object.entries(values).filter(isKept)} />
}

/** The fields as they were sent first, to be sent again. */
export function FormerFields({ values }: { values: KeptForm }) {
  const former = Object.entries(values)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, text]): [string, string] => [name.slice(prefix.length), text])
  return <Hidden fields={former} />
}

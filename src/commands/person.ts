import type { z } from 'zod'
import { loadConfig } from '#config'
import { requireCurrentSchema } from '#db/migrations'
import { findAccount } from '#features/people/reads/accounts'
import { displayName, emailAddress, newPassword } from '#features/people/rules'
import { addAccount, promote } from '#features/people/writes/joining'
import { signOutEverywhere } from '#features/people/writes/signing-in'
import { CommandError } from '#lib/errors'
import { hashPassword } from '#lib/passwords'
import { plural } from '#lib/text'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags } from './flags'
import { readSecret } from './secret'

const usage = `Usage: jumpstarter person create --email ADDRESS --name NAME [--staff] [--data DIRECTORY]
       jumpstarter person promote --email ADDRESS [--data DIRECTORY]
       jumpstarter person sign-out --email ADDRESS [--data DIRECTORY]

Makes an account, or makes one a member of staff: there is none by default. The password of a new
one is asked for or, where nobody can be asked, read as the first line of standard input. sign-out
ends every session of a person and their access tokens, as when somebody else has got at them.

  --email ADDRESS   what the person signs in with
  --name NAME       what others see
  --staff           a member of staff, who reviews projects
  --data DIRECTORY  where the embedded Postgres keeps its data
  --help            show this`

const flags = {
  email: { type: 'string' },
  name: { type: 'string' },
  staff: { type: 'boolean' },
  data: { type: 'string' },
} as const

export const person: Command = {
  summary: 'make an account, make one a member of staff, or sign somebody out everywhere',
  usage,
  run: async (args, { embedded }) => {
    const { values, positionals } = parseFlags('person', args, flags, 1)
    const [verb] = positionals
    if (verb !== 'create' && verb !== 'promote' && verb !== 'sign-out') {
      throw new CommandError(
        'person takes create, promote or sign-out. See jumpstarter person --help.',
        2,
      )
    }
    const email = await checked('--email', emailAddress, values.email)
    const name = verb === 'create' ? await checked('--name', displayName, values.name) : ''
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const around = { config, embedded, applicationName: 'jumpstarter person' }
    return await withDatabase(around, async ({ db }) => {
      await requireCurrentSchema(db)
      const known = await findAccount(db, email)
      if (verb !== 'create' && !known) {
        throw new CommandError(`Nobody has an account with ${email}.`)
      }
      if (verb === 'sign-out' && known) {
        const { sessions, tokens } = await signOutEverywhere(db, known.personId)
        console.log(
          `${known.name} is signed out: of ${plural(sessions, 'session')}, ` +
            `and ${plural(tokens, 'access token')} will do no more.`,
        )
        return 0
      }
      if (verb === 'promote' && known) {
        await promote(db, known.personId)
        console.log(`${known.name} is a member of staff.`)
        return 0
      }
      if (known) throw new CommandError(`${email} has an account already, of ${known.name}.`)
      const password = await checked('The password', newPassword, await readSecret('Password: '))
      const account = { email, name, passwordHash: await hashPassword(password) }
      const role = values.staff ? 'staff' : 'member'
      const id = await db.transaction((tx) => addAccount(tx, { ...account, role }))
      console.log(
        `${name} can sign in with ${email}${values.staff ? ', as staff' : ''} (person ${id}).`,
      )
      return 0
    })
  },
}

async function checked<Schema extends z.ZodType>(
  what: string,
  schema: Schema,
  text: string | undefined,
) {
  if (text === undefined) throw new CommandError(`person needs ${what}.`, 2)
  const parsed = await schema.safeParseAsync(text)
  if (parsed.success) return parsed.data
  throw new CommandError(`${what}: ${parsed.error.issues[0]?.message ?? 'cannot be used.'}`, 2)
}

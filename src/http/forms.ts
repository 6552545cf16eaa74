import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { z } from 'zod'
import { AppError } from '#lib/errors'
import type { AppEnv } from './env'

/** What a reader typed, as it goes back into the form when something is wrong. */
export type FormValues = Readonly<Record<string, string>>
/** Field → what is wrong with it. */
export type FormErrors = Readonly<Record<string, string>>

export type ReadForm<Data> =
  | { values: FormValues; data: Data; errors?: undefined }
  | { values: FormValues; data?: undefined; errors: FormErrors }

const formBytesMax = 256 * 1024
// A telephone's largest photograph: that it is too large is told beside its field.
const formWithFileBytesMax = 16 * 1024 * 1024
const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/

/**
 * Reads a form of text fields. Of several values with one name the last counts. Throws AppError
 * when it is too long or no form at all; what is wrong with a field is in `errors`.
 */
export async function readForm<Schema extends z.ZodType>(
  c: Context<AppEnv>,
  schema: Schema,
): Promise<ReadForm<z.output<Schema>>> {
  return parseFields(await formData(c, formBytesMax), schema)
}

/** The same for a form with files in this field; one that was left empty is none. */
export async function readFormWithFiles<Schema extends z.ZodType>(
  c: Context<AppEnv>,
  schema: Schema,
  field: string,
): Promise<ReadForm<z.output<Schema>> & { files: Blob[] }> {
  const form = await formData(c, formWithFileBytesMax)
  const files = form
    .getAll(field)
    .filter((file) => typeof file !== 'string')
    .filter(({ name, size }) => Boolean(name) || size > 0)
  return { ...(await parseFields(form, schema)), files }
}

async function formData(c: Context<AppEnv>, bytesMax: number): Promise<FormData> {
  const type = c.req.header('content-type') ?? ''
  if (!formTypes.test(type)) throw new AppError('invalid_input', { detail: 'This takes a form.' })
  const onError = () => {
    throw new AppError('too_large')
  }
  await bodyLimit({ maxSize: bytesMax, onError })(c, async () => {})
  return await c.req.formData().catch(() => {
    throw new AppError('invalid_input', { detail: 'The form could not be read.' })
  })
}

async function parseFields<Schema extends z.ZodType>(
  form: FormData,
  schema: Schema,
): Promise<ReadForm<z.output<Schema>>> {
  const texts = [...form.entries()].filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  )
  const values = Object.fromEntries(texts.map(([name, text]) => [name, plain(text)]))
  const parsed = await schema.safeParseAsync(values)
  if (parsed.success) return { values, data: parsed.data }
  return { values, errors: errorsOf(parsed.error) }
}

/** Line ends as they are typed elsewhere, and none of the characters that no text has. */
export const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  text.replaceAll('\r\n', '\n').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')

function errorsOf(error: z.core.$ZodError): FormErrors {
  const errors: Record<string, string> = {}
  for (const { path, message } of error.issues) errors[path.join('.')] ??= message
  return errors
}

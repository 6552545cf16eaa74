import type { Handler } from 'hono'
import type { Deps } from '#deps'
import { AppError, errorCatalogue } from '#lib/errors'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { apiRoot, type Endpoint, type Samples } from './api'
import type { AppEnv } from './env'
import { keepBriefly } from './keep'
import { fieldsOf, type Parameter, parametersOf, scopeSentences, tagOf } from './openapi'
import { renderPage } from './render'

// Every endpoint answers for this page: examples need not be fresh, but they must be true.
const examplesKeptMs = 60_000
/** Beyond this a text in an example ends in …; of a list its first thing is shown. */
const exampleCharactersMax = 72

interface Entry {
  endpoint: Endpoint
  parameters: Omit<Parameter, 'in'>[]
  /** A path that is there; absent on a site that has nothing of the kind yet. */
  path: string | undefined
  /** Shortened; only of what everybody may read. */
  answer: unknown
}

/** What people read about the API: every endpoint with an answer that this site really gives. */
export function apiPage(
  endpoints: readonly Endpoint[],
  findSamples: (db: Deps['db']) => Promise<Samples | undefined>,
): Handler<AppEnv> {
  const makeEntries = async (deps: Deps): Promise<Entry[]> => {
    const samples = await findSamples(deps.db)
    const entries = endpoints.map(async (endpoint) => ({
      endpoint,
      parameters: [...parametersOf(endpoint), ...fieldsOf(endpoint)],
      ...(await exampleOf(endpoint, deps, samples)),
    }))
    return Promise.all(entries)
  }
  let kept: Promise<Entry[]> | undefined
  let keptUntil = 0
  return async (c) => {
    if (!kept || performance.now() > keptUntil) {
      // However many ask at once, one makes it; what failed is tried again.
      kept = makeEntries(c.var.deps)
      kept.catch(() => {
        kept = undefined
      })
      keptUntil = performance.now() + examplesKeptMs
    }
    keepBriefly(c)
    return renderPage(c, <ApiPage entries={await kept} />)
  }
}

async function exampleOf(endpoint: Endpoint, deps: Deps, samples: Samples | undefined) {
  const none = { path: undefined, answer: undefined }
  if (!samples) return none
  const path = endpoint.samplePath(samples)
  if (!endpoint.example) return { path, answer: undefined }
  try {
    return { path, answer: shorten(await endpoint.example(deps, samples)) }
  } catch (error) {
    // The sample has none of these; the page goes without an example.
    if (error instanceof AppError && error.status === 404) return none
    throw error
  }
}

function shorten(value: unknown): unknown {
  if (typeof value === 'string') {
    const isLong = value.length > exampleCharactersMax && !/^https?:/.test(value)
    return isLong ? `${value.slice(0, exampleCharactersMax).trimEnd()} …` : value
  }
  if (Array.isArray(value)) return value.slice(0, 1).map(shorten)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shorten(part)]))
}

function ApiPage({ entries }: { entries: Entry[] }) {
  const { baseUrl } = useSite()
  const groups = Object.entries(Object.groupBy(entries, ({ endpoint }) => tagOf(endpoint)))
  return (
    <Document
      title="API"
      description="Jumpstarter’s projects as JSON, and all that can be done here, for programs."
      canonical={paths.api()}
    >
      <div className="narrow api">
        <header className="api-head">
          <h1>API</h1>
          <p>
            Everything this site shows, as JSON. What is public needs no key and can be called from
            any website. For programs there is an <a href={paths.openapi()}>OpenAPI description</a>.
          </p>
          <p>
            All addresses begin with <code>{baseUrl + apiRoot}</code>.
          </p>
        </header>
        <Conventions />
        <Tokens />
        <Errors />
        {groups.map(([tag, group = []]) => (
          <section key={tag} className="api-group" aria-labelledby={tag}>
            <h2 id={tag}>
              <code>/{tag}</code>
            </h2>
            {group
              .toSorted((a, b) => a.endpoint.path.localeCompare(b.endpoint.path))
              .map((entry) => (
                <EndpointEntry key={entry.endpoint.id} {...entry} />
              ))}
          </section>
        ))}
      </div>
    </Document>
  )
}

function Conventions() {
  return (
    <section className="api-conventions" aria-labelledby="conventions">
      <h2 id="conventions">How answers read</h2>
      <ul>
        <li>
          A list is <code>{'{ "data": […], "next": "…" }'}</code>. Give <code>next</code> back as{' '}
          <code>after</code>, with the same filters, for the page that follows; it is{' '}
          <code>null</code> on the last one.
        </li>
        <li>
          Money is <code>{'{ "amount": 12345, "currency": "USD" }'}</code>, in minor units: this is
          $123.45.
        </li>
        <li>
          Times are RFC 3339 in UTC, such as <code>2026-05-16T12:00:00.000Z</code>.
        </li>
        <li>
          <code>url</code> is the page for people, <code>picture</code> its picture.
        </li>
        <li>
          Every answer has an <code>ETag</code>: send it as <code>If-None-Match</code> and get 304
          as long as nothing has changed.
        </li>
      </ul>
    </section>
  )
}

function Tokens() {
  return (
    <section className="api-conventions" aria-labelledby="tokens">
      <h2 id="tokens">Acting for yourself</h2>
      <p>
        What a form of this site does, a program can do too, with a personal access token of{' '}
        <a href={paths.settingsOf('tokens')}>your settings</a>: send it as{' '}
        <code>Authorization: Bearer jst_…</code>, and the body as JSON. Cookies mean nothing here,
        and tokens nothing on the pages. On a site with several databases an answer has a{' '}
        <code>Jumpstarter-Position</code>: send it with the next request, and what you read is never
        older than what you have written or read before. A token opens what its scopes say:
      </p>
      <dl className="api-parameters">
        {Object.entries(scopeSentences).map(([scope, sentence]) => (
          <div key={scope}>
            <dt>
              <code>{scope}</code>
            </dt>
            <dd>{sentence.charAt(0).toUpperCase() + sentence.slice(1)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Errors() {
  return (
    <section className="api-errors" aria-labelledby="errors">
      <h2 id="errors">Errors</h2>
      <p>
        Refusals are <code>application/problem+json</code> (RFC 9457). <code>type</code> is{' '}
        <code>urn:jumpstarter:</code> and a code of this table, <code>detail</code> says what is
        wrong, and <code>field</code>, where there is one, names the parameter.
      </p>
      <div className="api-table">
        <table>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Status</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(errorCatalogue).map(([code, { status, title }]) => (
              <tr key={code}>
                <td>
                  <code>{code}</code>
                </td>
                <td>{status}</td>
                <td>{title}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function EndpointEntry({ endpoint, parameters, path, answer }: Entry) {
  const { id, method, summary, description, scope } = endpoint
  return (
    <article className="api-endpoint" id={id}>
      <h3>
        <code>
          {method.toUpperCase()} {apiRoot}
          {endpoint.path}
        </code>
      </h3>
      <p>
        {summary}. {description && <WithCode text={description} />}
        {scope && <WithCode text={` Needs a token with the scope \`${scope}\`.`} />}
      </p>
      <Parameters parameters={parameters} />
      {path && <ExampleRequest endpoint={endpoint} path={path} />}
      {answer !== undefined && (
        <pre className="api-answer">
          <code>{JSON.stringify(answer, null, 2)}</code>
        </pre>
      )}
    </article>
  )
}

function ExampleRequest({ endpoint, path }: { endpoint: Endpoint; path: string }) {
  const { baseUrl } = useSite()
  const { method, scope, bodyExample, takesFile } = endpoint
  const parts = [
    method === 'get' ? 'curl' : `curl -X ${method.toUpperCase()}`,
    ...(scope ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(bodyExample === undefined
      ? []
      : [`--json '${JSON.stringify(bodyExample).replaceAll("'", "'\\''")}'`]),
    ...(takesFile
      ? ['-H "Content-Type: application/octet-stream" --data-binary @picture.jpg']
      : []),
    `'${baseUrl}${apiRoot}${path}'`,
  ]
  return (
    <pre className="api-request">
      <code>{parts.join(' ')}</code>
    </pre>
  )
}

const typeNames: Record<string, string> = {
  ...{ string: 'A text.', integer: 'A whole number.', boolean: 'true or false.' },
  ...{ array: 'A list.', object: 'An object.' },
}

function Parameters({ parameters }: Pick<Entry, 'parameters'>) {
  if (parameters.length === 0) return null
  return (
    <dl className="api-parameters">
      {parameters.map(({ name, schema, description, required }) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            <WithCode text={description || (typeNames[String(schema['type'])] ?? '')} />
            {Array.isArray(schema['enum']) && ` One of ${schema['enum'].join(', ')}.`}
            {!required && ' May be left out.'}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** A text in which words between backticks are code. */
function WithCode({ text }: { text: string }) {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))
}

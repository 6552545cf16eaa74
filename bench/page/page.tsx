import { Fragment } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { Bolt } from '#web/components/bolt'
import tokens from '#web/styles/tokens.css' with { type: 'text' }
import { count } from '../database/report'
import reference from '../queries/reference-2018.json'
import charts from './charts.css' with { type: 'text' }
import type { Entry } from './entry'
import { Figure } from './figure'
import { howToRead } from './how-to-read'
import layout from './page.css' with { type: 'text' }
import { BudgetTable, DataTable, ShortfallTable, WithCode } from './tables'
import tables from './tables.css' with { type: 'text' }

type Found = NonNullable<Entry['found']>

interface PageProps {
  entries: Entry[]
  /** The site's typeface, as base64. */
  font: string
}

const face = (font: string) =>
  `@font-face{font-family:"Familjen Grotesk";font-weight:400 700;` +
  `src:url("data:font/woff2;base64,${font}") format("woff2")}`

const styles = (font: string) => [face(font), tokens, layout, charts, tables].join('\n')

/** The whole document, which asks for nothing else. */
export function page(props: PageProps): string {
  return `<!doctype html>\n${renderToStaticMarkup(<Page {...props} />)}\n`
}

function Page({ entries, font }: PageProps) {
  const made = entries.filter((entry) => entry.found !== undefined)
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>Jumpstarter, measured</title>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own styles */}
        <style dangerouslySetInnerHTML={{ __html: styles(font) }} />
      </head>
      <body>
        <Hero entries={entries} />
        <main>
          <Contents entries={entries} />
          <Budgets entries={made} />
          {entries.map((entry) => (
            <Bench key={entry.bench} entry={entry} />
          ))}
          <Shortfalls entries={made} />
          <HowToRead />
        </main>
      </body>
    </html>
  )
}

const [machines, rate] = reference.horizontal.rows.at(-1) ?? []

function Hero({ entries }: { entries: Entry[] }) {
  const headlines = entries.flatMap(({ found }) => found?.section.headlines ?? [])
  return (
    <header className="hero">
      <Bolt />
      <div className="inner">
        <p className="wordmark">
          <Bolt />
          Jumpstarter
        </p>
        <h1>Measured.</h1>
        <p className="lede">
          The Jumpstarter of 2018 ended at {count(rate)} requests a second on {machines} machines,
          and wished for three things next: no Docker, a faster single database, Unix sockets
          instead of TCP. This is what came of them, with the figures of 2018 beside ours. Those are
          as published, from other hardware.
        </p>
        <dl className="headlines">
          {headlines.map(({ value, unit, what, beside }) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>
                <strong>
                  {value}
                  {unit && <span>{unit}</span>}
                </strong>
                <p>{beside}</p>
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </header>
  )
}

const Contents = ({ entries }: { entries: Entry[] }) => (
  <nav className="contents" aria-label="On this page">
    <a href="#budgets">Budgets</a>
    {entries.map(({ bench, title }) => (
      <a key={bench} href={`#${bench}`}>
        {title}
      </a>
    ))}
    <a href="#not-better">What was not better</a>
    <a href="#how-to-read">How to read this</a>
  </nav>
)

function Budgets({ entries }: { entries: Entry[] }) {
  const judged = entries.flatMap(({ title, found }) =>
    (found?.section.budgets ?? []).map((budget) => ({ ...budget, bench: title })),
  )
  const met = judged.filter((budget) => budget.met).length
  return (
    <section id="budgets">
      <h2>
        {met} of {judged.length} budgets met
      </h2>
      <p className="about">What we asked of ourselves before it was built.</p>
      <BudgetTable budgets={judged} />
      {entries.map(
        ({ bench, title, found }) =>
          found?.section.unjudged && (
            <p key={bench} className="about">
              {title}: {found.section.unjudged}
            </p>
          ),
      )}
    </section>
  )
}

function Bench({ entry: { bench, title, about, command, found } }: { entry: Entry }) {
  return (
    <section id={bench}>
      <h2>{title}</h2>
      <p className="about">{about}</p>
      {found ? (
        <Findings found={found} />
      ) : (
        <p className="missing">
          Not measured yet: <code>{command}</code> makes this result.
        </p>
      )}
    </section>
  )
}

function Findings({ found: { section, result, pictures } }: { found: Found }) {
  const [first, ...more] = pictures
  return (
    <>
      {first && <Figure picture={first} />}
      {section.tables.map((table) => (
        <DataTable key={table.title} table={table} />
      ))}
      {more.map((picture) => (
        <Figure key={picture.chart.title} picture={picture} />
      ))}
      {section.details.map((table) => (
        <details key={table.title}>
          <summary>
            {table.title} <span>{table.rows.length} rows</span>
          </summary>
          <DataTable table={{ ...table, title: '' }} />
        </details>
      ))}
      <Origin result={result} />
    </>
  )
}

function Origin({ result }: { result: Found['result'] }) {
  const { command, commit, date, machine, versions, scale, notes } = result
  const count = (value: number) => value.toLocaleString('en-US')
  const facts: [string, string][] = [
    ['Date', `${date.slice(0, 16).replace('T', ' ')} UTC`],
    ['Commit', commit ?? 'unknown'],
    ['Machine', `${machine.cores} cores of ${machine.cpu}, ${machine.memory_gb} GB`],
    ['Kernel', machine.kernel],
    [
      'Versions',
      Object.entries(versions)
        .map((pair) => pair.join(' '))
        .join(', '),
    ],
    ['Projects', count(scale.projects)],
    ['People', count(scale.people)],
    ['Pledges', count(scale.pledges)],
  ]
  return (
    <div className="origin">
      <h3>How it was measured</h3>
      {notes.length > 0 && (
        <ul>
          {notes.map((note) => (
            <li key={note}>
              <WithCode text={note} />
            </li>
          ))}
        </ul>
      )}
      <pre>
        <code>{command}</code>
      </pre>
      <dl>
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </div>
  )
}

function Shortfalls({ entries }: { entries: Entry[] }) {
  return (
    <section id="not-better">
      <h2>What was not better</h2>
      <p className="about">
        Every budget that was missed, every ratio of ours below 1, and every error and failed
        request of ours or others’ in the results above, but for those of 2018; taken from the data.
        “Within the noise” is what some rounds or the interval contradict, or one round alone says.
      </p>
      {entries.map(({ bench, title, found }) => (
        <ShortfallTable
          key={bench}
          title={title}
          missed={found?.section.budgets.filter(({ met }) => !met) ?? []}
          shortfalls={found?.section.shortfalls ?? []}
        />
      ))}
    </section>
  )
}

const HowToRead = () => (
  <section id="how-to-read">
    <h2>How to read this on a noisy machine</h2>
    <dl className="advice">
      {howToRead.map(([what, why]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{why}</dd>
        </div>
      ))}
    </dl>
  </section>
)

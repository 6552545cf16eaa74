import type { ReactNode } from 'react'
import { Document } from '#web/document'
import { paths } from '#web/paths'

const tabs = [
  ['waiting', 'Waiting', paths.staff()],
  ['review', 'Review', paths.staff('review')],
  ['reports', 'Reports', paths.staff('reports')],
  ['people', 'People', paths.staff('people')],
  ['books', 'Books', paths.staff('books')],
  ['log', 'Log', paths.staff('log')],
  ['performance', 'Performance', paths.staff('performance')],
] as const

export type StaffTab = (typeof tabs)[number][0]

/** The frame of everything that is for staff alone. */
export function StaffPage(props: {
  title: string
  current: StaffTab
  lead?: ReactNode
  children: ReactNode
}) {
  return (
    <Document title={props.title} hidden>
      <div className="staff-page">
        <nav className="tabs" aria-label="Staff">
          {tabs.map(([tab, label, path]) => (
            <a key={tab} href={path} {...(tab === props.current ? { 'aria-current': 'page' } : {})}>
              {label}
            </a>
          ))}
        </nav>
        <header>
          <h1>{props.title}</h1>
          {props.lead && <p className="staff-lead">{props.lead}</p>}
        </header>
        {props.children}
      </div>
    </Document>
  )
}

export function Part({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section className="staff-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

/** What somebody wrote, as it was written. */
export function Quote({ text }: { text: string }) {
  return (
    <blockquote className="quote" dir="auto">
      {text}
    </blockquote>
  )
}

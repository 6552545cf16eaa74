import { Bolt } from './components/bolt'
import { Document } from './document'
import { paths } from './paths'

/** Any error, in the site's own design. */
export function ErrorPage(props: {
  status: number
  title: string
  sentence: string
  /** For the reader to quote; the log has the rest. */
  requestId?: string
}) {
  return (
    <Document title={props.title} hidden>
      <div className="error-page">
        <Bolt />
        <p className="error-page-status">{props.status}</p>
        <h1>{props.title}</h1>
        <p>{props.sentence}</p>
        {props.requestId && (
          <p className="error-page-id">
            Number of this error: <code>{props.requestId}</code>
          </p>
        )}
        <p className="error-page-ways">
          <a className="button" href={paths.discover()}>
            Discover projects
          </a>
          <a className="button button-quiet" href={paths.home()}>
            Go to the front page
          </a>
        </p>
      </div>
    </Document>
  )
}

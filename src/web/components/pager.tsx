/** The way to the next page of a list, and back to its beginning. */
export function Pager({
  next,
  first,
  label,
}: {
  /** Address of the next page; null on the last. */
  next: string | null
  /** Address of the first page; null when this is it. */
  first: string | null
  label: string
}) {
  if (!next && !first) return null
  return (
    <nav className="pager" aria-label={label}>
      {first && (
        <a href={first} className="button button-quiet">
          Back to the start
        </a>
      )}
      {next && (
        <a href={next} rel="next" className="button">
          Show more
        </a>
      )}
    </nav>
  )
}

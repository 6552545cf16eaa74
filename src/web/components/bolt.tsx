/** The bolt of the wordmark. */
export function Bolt() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M13.5 1 4 13.6h6.2L8.6 23 20 9.4h-7.1z" />
    </svg>
  )
}

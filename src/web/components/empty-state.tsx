import type { ReactNode } from 'react'

/** Says why there is nothing here, and where to go instead. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty-state">
      <svg viewBox="0 0 96 64" aria-hidden="true">
        <path d="M4 56h88M20 56V30l16-10 16 10v26M60 56V16m0 0 22 8-22 8" />
      </svg>
      <p className="empty-state-title">{title}</p>
      {children}
    </div>
  )
}

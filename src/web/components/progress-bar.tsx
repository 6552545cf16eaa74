import { percentFunded } from '#lib/money'

/** How far a project has come; a full bar at 100 %, however much more was pledged. */
export function ProgressBar({ pledged, goal }: { pledged: number; goal: number }) {
  const percent = percentFunded(pledged, goal)
  return (
    <progress
      className={percent >= 100 ? 'progress progress-funded' : 'progress'}
      value={Math.min(percent, 100)}
      max={100}
      aria-label={`${percent}% of the goal`}
    />
  )
}

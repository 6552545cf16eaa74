import { formatCount, plural } from '#lib/text'
import type { Progress } from '../reads/tasks'
import { fulfilmentNames } from '../rules/backers'
import { pledgesPerStep } from '../rules/tasks'

/** How far it is with what is done with many backers; nothing of what was done at once. */
export function TaskList({ tasks, kind }: { tasks: readonly Progress[]; kind: Progress['kind'] }) {
  const shown = tasks.filter(
    (task) => task.kind === kind && (!task.isFinished || task.walked >= pledgesPerStep[kind]),
  )
  if (shown.length === 0) return null
  return (
    <ul className="fulfilment-tasks" aria-label="What is under way">
      {shown.map((task) => (
        <li key={task.id}>
          <TaskState task={task} />
        </li>
      ))}
    </ul>
  )
}

function TaskState({ task }: { task: Progress }) {
  const { kind, mark, walked, total, done, isFinished } = task
  const what =
    kind === 'mark' ? `Marking as “${fulfilmentNames[mark?.status ?? 'none']}”` : 'Mailing guests'
  const whom =
    kind === 'mark' ? `${plural(done, 'backer')} marked` : `${plural(done, 'guest')} mailed`
  if (isFinished) {
    return (
      <>
        {what}: done, {whom}.
      </>
    )
  }
  return (
    <>
      <label>
        {what}: {formatCount(walked)} of {formatCount(total)} looked at, {whom}.{' '}
        <progress max={total} value={walked} />
      </label>
      <small>It goes on without you. Reload this page to see how far it is.</small>
    </>
  )
}

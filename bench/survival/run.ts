import { paths } from '#web/paths'
import { send } from '../faults/send'
import type { OurServer } from '../load/servers'
import { disagreements } from '../pledges/arena'
import { type DeedId, deeds, type Scene, type Seen, sendPledge, startDoings } from './deeds'
import { type Bounds, boundsFor, type Cell, judge, type Span } from './judge'
import { endsIn, makePeople, makeProject, signedIn } from './people'
import { connectionsMax, type Rig } from './rig'
import { watchSettlement } from './settlement'
import type { State } from './states'
import { countPictures, lostPictures, startUploads } from './uploads'
import { watchConnections } from './watch'

export interface MatrixOptions {
  states: readonly State[]
  quick: boolean
  report(what: string): void
}

/** What was found of one state. */
export interface Row {
  state: Pick<State, 'id' | 'title'>
  cells: Cell[]
  /** Opened by the whole site from the return on, until all was as ever. */
  connections: number
  /** Why it was not brought about. */
  notTried?: string
}

/** A busy machine that runs other tests is given more time, and asks for less. */
const quickRoom = 4
const peopleMax = { usual: 900, quick: 150 }
const calmMs = 400
const warmings = 24
/** So long after it began a project ends, in seconds: while it lasts, if it does. */
const endsAfter = 0.7
const pollMs = 25

/** Brings each of the states about, one after the other. */
export async function runMatrix(rig: Rig, options: MatrixOptions): Promise<Row[]> {
  const rows = new Map<State, Row>()
  const usual = options.states.filter(({ environment }) => !environment)
  const own = options.states.filter(({ environment }) => environment)
  for (const group of [usual, ...own.map((state) => [state])]) {
    await using stack = new AsyncDisposableStack()
    let server: OurServer | undefined
    for (const state of group) {
      rig.signal.throwIfAborted()
      options.report(state.title)
      const notTried = state.problem?.()
      if (notTried !== undefined) {
        rows.set(state, { state, cells: [], connections: 0, notTried })
        continue
      }
      server ??= await rig.startSite(stack, (await state.environment?.(rig)) ?? {})
      rows.set(state, await bringAbout(rig, server, state, options.quick))
    }
  }
  return options.states.flatMap((state) => rows.get(state) ?? [])
}

async function bringAbout(rig: Rig, server: OurServer, state: State, quick: boolean): Promise<Row> {
  const bounds = boundsFor(quick ? quickRoom : 1)
  await settleDown(rig)
  const scene = await setUp(rig, server, quick)
  const ended = await watchSettlement(rig, server)
  const pictures = state.promised.upload ? await countPictures(rig.db) : 0
  const doings = startDoings(scene)
  const uploads = state.promised.upload ? startUploads(scene) : undefined
  await Bun.sleep(calmMs)
  await endsIn(rig.db, ended.project, endsAfter)
  const began = new Date()
  const from = performance.now()
  const undo = await state.begin({ rig, server })
  const { holdMs } = state
  if (holdMs) await Bun.sleep(quick ? holdMs.quick : holdMs.usual)
  if (uploads) await uploads.refused(from, bounds.settledMs)
  const watch = watchConnections(rig.db, began)
  await undo()
  const span: Span = { from, to: performance.now() }
  const settled = ended.judge(state, span, bounds)
  const seenOf = (deed: DeedId): Seen[] =>
    deed === 'upload' ? (uploads?.seen ?? []) : deed === 'settle' ? [] : doings.seen[deed]
  await untilGood(state, seenOf, span, bounds)
  await Promise.all([doings.stop(), uploads?.stop()])
  const connections = await watch.stop()
  const cells: Cell[] = []
  for (const { id: deed } of deeds) {
    const promised = state.promised[deed]
    if (!promised) continue
    const about = { state: state.id, deed, promised }
    if (deed === 'settle') cells.push(await settled)
    else cells.push(judge(about, seenOf(deed), span, bounds))
  }
  const blame = (deed: DeedId, problems: string[]) =>
    cells.find((cell) => cell.deed === deed)?.broken.push(...problems)
  blame('pledge', await checkPledges(rig, scene))
  blame('pledge', await undelivered(rig, state))
  if (uploads) blame('upload', await lostPictures(rig.db, pictures, uploads.seen))
  if (connections > connectionsMax) blame('browse', [`${connections} connections were opened`])
  if (state.bites) blameHarmless(cells, state.bites)
  return { state, cells, connections }
}

/** After a crash the connections that look on are opened anew, all of them. */
async function settleDown({ db }: Rig): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const all = Array.from({ length: 4 }, () => db.$client`select pg_sleep(0.05)`)
    const done = await Promise.allSettled(all)
    if (done.every(({ status }) => status === 'fulfilled')) return
    await Bun.sleep(pollMs)
  }
}

async function setUp(rig: Rig, server: OurServer, quick: boolean): Promise<Scene> {
  const people = await makePeople(rig.db, quick ? peopleMax.quick : peopleMax.usual)
  const person = people.pop()
  if (!person) throw new Error('There is nobody.')
  const [kept, project] = [await makeProject(rig.db), await makeProject(rig.db)]
  const keptPage = paths.project({ id: kept, title: 'A lamp' })
  for (let turn = 0; turn < warmings; turn += 6) {
    const asked = [paths.home(), keptPage].flatMap((path) =>
      Array.from({ length: 6 }, () => send(server.address, { method: 'GET', path })),
    )
    await Promise.all(asked)
  }
  const member = { person, cookie: await signedIn(rig.db, person) }
  return { server, keptPage, project, people, member, asked: [] }
}

/** Until each deed is done as ever again, or has had its time. */
async function untilGood(
  { promised }: State,
  seenOf: (deed: DeedId) => Seen[],
  { to }: Span,
  bounds: Bounds,
): Promise<void> {
  const waited = deeds.filter(({ id }) => id !== 'settle' && promised[id] !== undefined)
  const isGood = ({ id }: (typeof deeds)[number]) =>
    seenOf(id).some((seen) => seen.at >= to && seen.isGood)
  const deadline = to + (promised.upload ? bounds.settledMs : bounds.recoveredMs * 1.5)
  while (!waited.every(isGood) && performance.now() < deadline) await Bun.sleep(pollMs)
}

/** Every pledge that was asked for is taken in the end, once, whatever was answered before. */
async function checkPledges({ db }: Rig, scene: Scene): Promise<string[]> {
  for (const asked of scene.asked) {
    for (let tries = 0; !asked.isTaken && tries < 10; tries++) await sendPledge(scene, asked)
  }
  const refused = scene.asked.filter(({ isTaken }) => !isTaken).length
  const wrong = await disagreements(
    db,
    { projects: [scene.project], rewards: [] },
    scene.asked.length - refused,
  )
  return [...(refused > 0 ? [`${refused} pledges were never taken`] : []), ...wrong]
}

const deliveredMs = 20_000

/** Mails that nobody has taken a while after there was somebody again. */
async function undelivered(rig: Rig, { id, hasten }: State): Promise<string[]> {
  if (id !== 'mail-down') return []
  for (const end = performance.now() + deliveredMs; ; await Bun.sleep(500)) {
    await hasten?.(rig)
    const [row] = await rig.db.$client<{ count: number }[]>`
      select count(*)::int as count from outbox where sent_at is null`
    if (row?.count === 0) return rig.mails() > 0 ? [] : ['no mail has come']
    if (performance.now() > end) return [`${row?.count} mails were never delivered`]
  }
}

/** A state that nobody has noticed was not brought about, or not long enough. */
function blameHarmless(cells: Cell[], bites: NonNullable<State['bites']>): void {
  const isAway = cells.some(({ promised }) => promised === 'shown')
  for (const { deed, old, answers, broken } of cells) {
    const refused = answers['503'] ?? 0
    if (deed === 'upload' && !answers['507']) broken.push('no picture was refused')
    if (!isAway) continue
    if (bites === 'pages' && deed === 'project' && old === 0) broken.push('no page was old')
    if (deed === 'pledge' && refused === 0) broken.push('no pledge was refused')
  }
}

export const isKept = ({ cells, notTried }: Row): boolean =>
  notTried === undefined && cells.every(({ broken }) => broken.length === 0)

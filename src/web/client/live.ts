import { formatWhole, percentFunded } from '#lib/money'
import { formatCount } from '#lib/text'
import { timeLeft } from '#lib/time'

// A project's page follows its project while somebody looks at it. Browsers open few connections
// to one site, so a page in the background has none.

interface Figures {
  status: string
  pledged: number
  goal: number
  currency: string
  backers: number
  endsAt: string
  left: Record<string, number>
}

/** After a refusal; the browser itself sees to connections that break. */
const refusedMs = { min: 30_000, max: 90_000 }
/** Figures that change all the time would leave nobody who listens to the page in peace. */
const announceEveryMs = 30_000
const tickMs = 15_000

const root = document.querySelector<HTMLElement>('[data-live-from]')
if (root?.dataset['liveFrom']) follow(root, root.dataset['liveFrom'])

function follow(root: HTMLElement, address: string) {
  let source: EventSource | undefined
  let figures: Figures | undefined
  let announced = 0
  const announcement = document.createElement('p')
  announcement.className = 'visually-hidden'
  announcement.setAttribute('aria-live', 'polite')
  root.append(announcement)

  const put = (name: string, text: string) => {
    const place = root.querySelector(`[data-live="${name}"]`)
    if (place && place.textContent !== text) place.textContent = text
  }

  const showTimeLeft = () => {
    const left = figures && timeLeft(new Date(figures.endsAt), { now: new Date() })
    if (!left) return
    put('left', String(left.amount))
    put('left-unit', left.unit)
  }

  const show = (next: Figures) => {
    const isFirst = figures === undefined
    figures = next
    const { pledged, goal, currency, backers } = next
    const percent = percentFunded(pledged, goal)
    put('pledged', formatWhole(pledged, currency))
    put('percent', formatCount(percent))
    put('backers', formatCount(backers))
    put('backers-word', backers === 1 ? 'backer' : 'backers')
    showBar(root.querySelector('progress'), percent)
    showStock(next.left)
    showTimeLeft()
    if (isFirst || Date.now() - announced < announceEveryMs) return
    announced = Date.now()
    announcement.textContent = `${formatWhole(pledged, currency)} pledged by ${formatCount(backers)}`
  }

  const open = () => {
    if (document.hidden || source || (figures && figures.status !== 'live')) return
    const own = new EventSource(address)
    source = own
    own.addEventListener('message', ({ data }) => {
      show(JSON.parse(data))
      // What has ended says more than a figure can: the page is another one now.
      if (figures?.status !== 'live') close()
    })
    own.addEventListener('error', () => {
      if (own.readyState !== EventSource.CLOSED) return
      source = undefined
      setTimeout(open, refusedMs.min + Math.random() * (refusedMs.max - refusedMs.min))
    })
  }
  const close = () => {
    source?.close()
    source = undefined
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  window.addEventListener('pagehide', close)
  window.addEventListener('pageshow', open)
  setInterval(showTimeLeft, tickMs)
  open()
}

function showBar(bar: HTMLProgressElement | null, percent: number) {
  if (!bar) return
  bar.value = Math.min(percent, 100)
  bar.classList.toggle('progress-funded', percent >= 100)
  bar.setAttribute('aria-label', `${percent}% of the goal`)
}

/** Of rewards that are to be had; those that are over stay as they are. */
function showStock(left: Record<string, number>) {
  for (const place of document.querySelectorAll<HTMLElement>('[data-live-stock]')) {
    const stock = left[place.dataset['liveStock'] ?? '']
    if (stock === undefined) continue
    const isGone = stock <= 0
    const quantity = formatCount(Number(place.dataset['liveQuantity']))
    const text = isGone ? 'All gone!' : `Limited (${formatCount(stock)} left of ${quantity})`
    if (place.textContent === text) continue
    place.textContent = text
    place.classList.toggle('reward-stock-gone', isGone)
    place.classList.toggle('reward-stock-limited', !isGone)
  }
}

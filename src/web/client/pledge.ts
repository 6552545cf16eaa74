// Choosing a pledge shows what it comes to at once; without a script there is a button for it.

const form = document.querySelector<HTMLFormElement>('form[data-quote-form]')
if (form) {
  form.classList.add('pledge-live')
  form.addEventListener('change', () => void recalculate(form))
}

let asked = 0

/** Puts in place what the server makes of what is chosen. */
async function recalculate(form: HTMLFormElement) {
  const turn = ++asked
  const query = new URLSearchParams()
  for (const [name, value] of new FormData(form)) query.set(name, String(value))
  const answer = await fetch(`${form.getAttribute('action')}?${query}`).catch(() => undefined)
  if (!answer?.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  // What was asked for last counts.
  if (turn !== asked) return
  for (const part of form.querySelectorAll<HTMLElement>('[data-quote]')) {
    const fresh = page.querySelector(`[data-quote="${part.dataset['quote']}"]`)
    if (!fresh || part.innerHTML === fresh.innerHTML) continue
    if (part.contains(document.activeElement)) keepFocus(part, fresh)
    else part.replaceChildren(...fresh.childNodes)
  }
}

/** Whoever is typing goes on where they were. */
function keepFocus(part: HTMLElement, fresh: Element) {
  const { name, value } = document.activeElement as HTMLInputElement
  part.replaceChildren(...fresh.childNodes)
  const field = part.querySelector<HTMLInputElement>(`[name="${CSS.escape(name)}"]`)
  if (!field) return
  field.value = value
  field.focus()
}

const tickMs = 1_000

// What is set aside at the checkout, and for how long.
const hold = document.querySelector<HTMLElement>('[data-countdown]')
if (hold) {
  const endsAt = performance.now() + Number(hold.dataset['countdown']) * 1_000
  const timer = setInterval(() => {
    const seconds = Math.round((endsAt - performance.now()) / 1_000)
    const left = hold.querySelector('[data-countdown-left]')
    if (seconds > 0) {
      if (left)
        left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
      return
    }
    clearInterval(timer)
    hold.textContent =
      'This reward is no longer set aside for you. You can still confirm, as long as there are some left.'
  }, tickMs)
}

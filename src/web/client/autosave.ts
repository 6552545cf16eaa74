/**
 * Saves a form marked `data-autosave` some seconds after the last key, keeps what is not saved yet
 * in this browser, and asks before it is left behind.
 */

const pauseMs = 3_000
const retryMs = 10_000
const keepMs = 500
const keptDays = 30
const prefix = 'unsaved '

type Texts = Record<string, string>
interface Kept {
  texts: Texts
  at: number
  /** By its button; the page that comes back says whether it is saved. */
  isSent?: boolean
}

// Whoever signs out leaves nothing behind for the next one.
document.addEventListener('submit', ({ target }) => {
  if (new URL((target as HTMLFormElement).action).pathname !== '/sign-out') return
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(prefix)) localStorage.removeItem(key)
  }
})

/** All that is typed, but for the version, which is not. */
function textsOf(form: HTMLFormElement): Texts {
  const entries = [...new FormData(form)].filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string' && pair[0] !== 'version',
  )
  return Object.fromEntries(entries)
}

const isSame = (one: Texts, other: Texts) => JSON.stringify(one) === JSON.stringify(other)

function watch(form: HTMLFormElement): void {
  const key = prefix + location.pathname
  const state = form.querySelector('[data-save-state]')
  const say = (text: string) => {
    if (state) state.textContent = text
  }
  // A form that came back holds what is stored nowhere.
  const cameBack = form.dataset['unsaved'] !== undefined
  let saved = cameBack ? {} : textsOf(form)
  let mayAsk = true
  let maySave = form.dataset['autosave'] !== 'off'
  let saving: Promise<void> | undefined
  let saveTimer: ReturnType<typeof setTimeout> | undefined
  let keepTimer: ReturnType<typeof setTimeout> | undefined

  const keep = (isSent = false) => {
    const texts = textsOf(form)
    const kept: Kept = { texts, at: Date.now(), isSent }
    if (isSame(texts, saved)) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(kept))
  }
  const saveSoon = (ms = pauseMs) => {
    clearTimeout(saveTimer)
    if (maySave) saveTimer = setTimeout(save, ms)
  }
  const save = () => {
    if (saving || isSame(textsOf(form), saved)) return
    saving = send().finally(() => {
      saving = undefined
    })
  }
  const send = async () => {
    const texts = textsOf(form)
    const answer = await post(form)
    const outcome = await readOutcome(form, answer)
    say(outcome.sentence)
    if (outcome.version !== undefined) {
      setVersion(form, outcome.version)
      saved = texts
      keep()
      if (!isSame(textsOf(form), saved)) saveSoon()
    }
    if (outcome.isFinal) maySave = false
    if (outcome.mayRetry) saveSoon(retryMs)
  }

  form.addEventListener('input', () => {
    clearTimeout(keepTimer)
    keepTimer = setTimeout(() => keep(), keepMs)
    saveSoon()
  })
  form.addEventListener('submit', (event) => {
    clearTimeout(saveTimer)
    clearTimeout(keepTimer)
    if (!saving) {
      keep(true)
      mayAsk = false
      return
    }
    // Sent now, it would be older than what is on its way.
    event.preventDefault()
    event.stopPropagation()
    const { submitter } = event
    void saving.then(() => form.requestSubmit(submitter))
  })
  window.addEventListener('beforeunload', (event) => {
    if (!mayAsk || isSame(textsOf(form), saved)) return
    keep()
    event.preventDefault()
  })
  window.addEventListener('pageshow', () => {
    mayAsk = true
  })
  if (!cameBack) offerKept(form, key, saved)
}

/** The form without its files, which are sent by its button. */
async function post(form: HTMLFormElement): Promise<Response | undefined> {
  const body = new FormData(form)
  for (const [name, value] of [...body]) if (typeof value !== 'string') body.delete(name)
  const headers = { Accept: 'application/json' }
  return await fetch(form.action, { method: 'POST', body, headers }).catch(() => undefined)
}

interface Outcome {
  sentence: string
  version?: number
  /** No try after it would do better. */
  isFinal?: boolean
  mayRetry?: boolean
}

async function readOutcome(form: HTMLFormElement, answer: Response | undefined): Promise<Outcome> {
  const read = (await answer?.json().catch(() => undefined)) as
    | { version?: number; note?: string; errors?: Texts }
    | undefined
  if (answer?.ok && read?.version !== undefined) {
    const time = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    return { version: read.version, sentence: `Saved ${time}. ${read.note ?? ''}` }
  }
  if (answer?.status === 422 && read?.errors) {
    const wrong = Object.entries(read.errors).map(
      ([name, text]) => `${labelOf(form, name)}: ${text}`,
    )
    return { sentence: `Not saved. ${wrong.join(' ')}` }
  }
  if (answer?.status === 409) {
    const sentence = 'Not saved: somebody else has saved since. Press Save to compare both.'
    return { sentence, isFinal: true }
  }
  if (answer?.status === 401) {
    const sentence = 'You are not signed in any more. Press Save to sign in; your text goes along.'
    return { sentence, isFinal: true }
  }
  if (answer && answer.status < 500 && answer.status !== 429) {
    return { sentence: 'This cannot be saved any more. Press Save to see why.', isFinal: true }
  }
  return { sentence: 'Not saved yet: the site cannot be reached. Trying again.', mayRetry: true }
}

const fieldOf = (form: HTMLFormElement, name: string) =>
  form.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name="${CSS.escape(name)}"]`)

const labelOf = (form: HTMLFormElement, name: string): string =>
  fieldOf(form, name)?.labels?.[0]?.textContent ?? name

function setVersion(form: HTMLFormElement, version: number): void {
  const field = fieldOf(form, 'version')
  if (field) field.value = String(version)
}

/** Offers what was written here and never saved: the session had ended, or the browser crashed. */
function offerKept(form: HTMLFormElement, key: string, stored: Texts): void {
  const kept = readKept(key)
  // It may be stored a little differently: with a space less, or in a form with one more empty row.
  const isSaved = kept?.isSent && new URLSearchParams(location.search).get('done') === 'saved'
  const isOld = kept && Date.now() - kept.at > keptDays * 24 * 3_600_000
  if (!kept || isSaved || isOld || isSame(kept.texts, stored)) {
    localStorage.removeItem(key)
    return
  }
  const offer = document.createElement('div')
  offer.className = 'editor-kept'
  offer.role = 'status'
  const sentence = document.createElement('p')
  sentence.textContent = `On ${new Date(kept.at).toLocaleString()} you wrote something here that was not saved.`
  const done = () => {
    offer.remove()
    localStorage.removeItem(key)
  }
  const ways = document.createElement('p')
  ways.className = 'editor-acts'
  ways.append(
    button('Put it back', () => {
      done()
      fill(form, kept.texts)
      form.dispatchEvent(new Event('input', { bubbles: true }))
    }),
    button('Forget it', done),
  )
  offer.append(sentence, ways)
  form.prepend(offer)
}

function readKept(key: string): Kept | undefined {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '') as Kept
  } catch {
    return undefined
  }
}

function button(label: string, act: () => void): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'button button-quiet'
  made.textContent = label
  made.addEventListener('click', act)
  return made
}

function fill(form: HTMLFormElement, texts: Texts): void {
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && /^(radio|checkbox)$/.test(field.type)) {
      field.checked = texts[field.name] === field.value
    } else if (isText(field) && texts[field.name] !== undefined && field.name !== 'version') {
      field.value = texts[field.name] ?? ''
    }
  }
}

const isText = (
  field: Element,
): field is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement =>
  (field instanceof HTMLInputElement && field.type !== 'file' && field.type !== 'hidden') ||
  field instanceof HTMLTextAreaElement ||
  field instanceof HTMLSelectElement

// Last, for it needs all of the above.
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-autosave]')) watch(form)

/** Beside a story that is being written: how it will look, and pictures put into it. */

const pauseMs = 800
const pictureTypes = 'image/jpeg,image/png,image/webp,image/avif'

const story = document.querySelector<HTMLTextAreaElement>('textarea[data-story]')
const preview = document.querySelector<HTMLElement>('[data-preview-shown]')
const previewButton = document.querySelector<HTMLButtonElement>('button[data-preview]')
const pictureLink = document.querySelector<HTMLAnchorElement>('a[data-add-picture]')

if (story?.form && preview && previewButton) showPreview(story, story.form, preview, previewButton)
if (story && pictureLink) addPictures(story, pictureLink)

function showPreview(
  text: HTMLTextAreaElement,
  form: HTMLFormElement,
  shown: HTMLElement,
  asker: HTMLButtonElement,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const mark = () => {
    asker.textContent = shown.hidden ? 'Preview' : 'Close the preview'
    asker.setAttribute('aria-expanded', String(!shown.hidden))
  }
  const render = async () => {
    const headers = { Accept: 'application/json' }
    const body = new FormData(form)
    const answer = await fetch(asker.formAction, { method: 'POST', body, headers }).catch(
      () => null,
    )
    if (!answer?.ok) return
    const { html } = (await answer.json()) as { html: string }
    shown.innerHTML = html
  }
  asker.setAttribute('aria-controls', shown.id)
  mark()
  asker.addEventListener('click', async (event) => {
    event.preventDefault()
    if (shown.hidden) await render()
    shown.hidden = !shown.hidden
    mark()
  })
  text.addEventListener('input', () => {
    clearTimeout(timer)
    if (!shown.hidden) timer = setTimeout(render, pauseMs)
  })
}

function addPictures(text: HTMLTextAreaElement, link: HTMLAnchorElement): void {
  const label = link.textContent
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = pictureTypes
  link.role = 'button'
  link.addEventListener('click', (event) => {
    event.preventDefault()
    input.click()
  })
  input.addEventListener('change', async () => {
    const [file] = input.files ?? []
    input.value = ''
    if (!file) return
    link.textContent = 'Sending …'
    const problem = await send(file, link.href, (markdown) => insert(text, markdown))
    link.textContent = problem ?? label
  })
}

/** Returns what is wrong with the picture, for its sender. */
async function send(
  file: File,
  address: string,
  use: (markdown: string) => void,
): Promise<string | undefined> {
  const body = new FormData()
  body.set('image', file)
  const headers = { Accept: 'application/json' }
  const answer = await fetch(address, { method: 'POST', body, headers }).catch(() => null)
  const read = (await answer?.json().catch(() => null)) as
    | { markdown?: string; error?: string; detail?: string }
    | null
    | undefined
  if (answer?.ok && read?.markdown) {
    use(read.markdown)
    return undefined
  }
  return `${read?.error ?? read?.detail ?? 'That did not work.'} Try another?`
}

/** As a paragraph of its own where the text was last worked at. */
function insert(text: HTMLTextAreaElement, markdown: string): void {
  const { selectionEnd: at, value } = text
  const before = value.slice(0, at).replace(/\n*$/, (lines) => (at === 0 ? '' : lines || '\n\n'))
  text.setRangeText(`${before}${markdown}\n\n`, 0, at, 'end')
  text.dispatchEvent(new Event('input', { bubbles: true }))
}

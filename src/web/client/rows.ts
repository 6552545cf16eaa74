/** “Add a row” in place: a copy of the last one above the button, empty, with the next number. */
document.addEventListener('click', (event) => {
  const button = (event.target as Element).closest('[data-add-row]')
  const last = button?.previousElementSibling?.lastElementChild
  if (!last) return
  event.preventDefault()
  const number = last.parentElement?.children.length ?? 0
  const row = last.cloneNode(true) as Element
  for (const error of row.querySelectorAll('.field-error')) error.remove()
  for (const input of row.querySelectorAll('input')) {
    const label = row.querySelector(`label[for="${CSS.escape(input.id)}"]`)
    input.value = ''
    input.removeAttribute('aria-invalid')
    input.removeAttribute('aria-describedby')
    input.name = input.name.replace(/\d+/, String(number + 1))
    input.id = input.name
    if (!label) continue
    label.setAttribute('for', input.id)
    label.textContent = (label.textContent ?? '').replace(/\d+$/, String(number + 1))
  }
  last.after(row)
  row.querySelector('input')?.focus()
})

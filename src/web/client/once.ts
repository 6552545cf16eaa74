/** A form goes out once, however often its button is pressed. */
document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement
  if (form.dataset['sent'] !== undefined) event.preventDefault()
  else form.dataset['sent'] = ''
})

// Coming back to a page by the back button, it can be sent again.
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form')) delete form.dataset['sent']
})

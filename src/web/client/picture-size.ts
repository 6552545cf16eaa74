/** A picture that is too large is said to be so before it is sent, however slow the line. */
document.addEventListener('change', (event) => {
  const input = event.target
  if (!(input instanceof HTMLInputElement) || input.type !== 'file') return
  const bytesMax = Number(input.dataset['bytesMax'] ?? Number.POSITIVE_INFINITY)
  const isTooLarge = [...(input.files ?? [])].some(({ size }) => size > bytesMax)
  input.setCustomValidity(isTooLarge ? `A picture may have up to ${bytesMax / 1e6} MB.` : '')
  input.reportValidity()
})

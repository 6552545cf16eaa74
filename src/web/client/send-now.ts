/** What was written before signing in goes out by itself after it. */
document.querySelector<HTMLFormElement>('form[data-send-now]')?.requestSubmit()

/** The account's menu closes on Escape, and when somebody clicks or goes elsewhere. */
const menu = document.querySelector<HTMLDetailsElement>('.account-menu')

const closeUnlessIn = ({ target }: Event) => {
  if (menu?.open && target instanceof Node && !menu.contains(target)) menu.open = false
}
document.addEventListener('click', closeUnlessIn)
document.addEventListener('focusin', closeUnlessIn)

menu?.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !menu.open) return
  menu.open = false
  menu.querySelector('summary')?.focus()
})

import { renderToStaticMarkup } from 'react-dom/server'
import { paths } from '../paths'
import { useSite } from '../site'
import { Avatar } from './avatar'

const unseenShownMax = 99

/** Kept pages are made for nobody, so they ask everybody in. */
export function AccountNav() {
  const { viewer } = useSite()
  if (!viewer) {
    return (
      <nav className="account-nav" aria-label="Account">
        <a href={paths.signIn()}>Sign in</a>
        <a className="button" href={paths.signUp()}>
          Join
        </a>
      </nav>
    )
  }
  return (
    <nav className="account-nav" aria-label="Account">
      <Bell unseen={viewer.unseen} />
      <details className="account-menu">
        <summary>
          <Avatar id={viewer.id} image={viewer.image} size={32} />
          <span className="account-name">{viewer.name}</span>
        </summary>
        <div className="account-list">
          <a href={paths.person(viewer)}>Your page</a>
          {/* biome-ignore lint/security/noDangerouslySetInnerHtml: made below, of constants. */}
          <ul dangerouslySetInnerHTML={{ __html: menus[viewer.role] }} />
        </div>
      </details>
    </nav>
  )
}

function Bell({ unseen }: { unseen: number }) {
  const href = paths.activity()
  if (unseen === 0) {
    // biome-ignore lint/security/noDangerouslySetInnerHtml: made below, of constants.
    return <a className="account-bell" href={href} dangerouslySetInnerHTML={{ __html: bell }} />
  }
  return (
    <a className="account-bell" href={href}>
      <BellPicture />
      <span className="account-count">
        {unseen > unseenShownMax ? `${unseenShownMax}+` : unseen}
        <span className="visually-hidden"> not seen</span>
      </span>
    </a>
  )
}

const BellPicture = () => (
  <>
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2 2 0 0 0 4 0" />
    </svg>
    <span className="visually-hidden">Activity</span>
  </>
)

const AccountLink = ({ href, children }: { href: string; children: string }) => (
  <li>
    <a href={href}>{children}</a>
  </li>
)

const Menu = ({ isStaff = false }) => (
  <>
    <AccountLink href={paths.messages()}>Messages</AccountLink>
    <AccountLink href={paths.making()}>Your projects</AccountLink>
    <AccountLink href={paths.newProject()}>Start a project</AccountLink>
    <AccountLink href={paths.pledges()}>Your pledges</AccountLink>
    <AccountLink href={paths.saved()}>Saved projects</AccountLink>
    <AccountLink href={paths.following()}>People you follow</AccountLink>
    <AccountLink href={paths.settings()}>Settings</AccountLink>
    {isStaff && <AccountLink href={paths.staff()}>Staff</AccountLink>}
    <li>
      <form method="post" action={paths.signOut()}>
        <button type="submit">Sign out</button>
      </form>
    </li>
  </>
)

// Rendered once: on every page of everybody they are the same.
const bell = renderToStaticMarkup(<BellPicture />)
const menus = {
  member: renderToStaticMarkup(<Menu />),
  staff: renderToStaticMarkup(<Menu isStaff />),
}

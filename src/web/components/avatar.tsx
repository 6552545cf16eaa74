import { paths } from '../paths'

/** The picture of a person, beside their name: so it needs no text of its own. */
export function Avatar({ id, size }: { id: number; size: 24 | 32 | 40 | 48 | 96 }) {
  return (
    <img
      className="avatar"
      src={paths.avatar({ id })}
      alt=""
      width={size}
      height={size}
      loading="lazy"
      decoding="async"
    />
  )
}

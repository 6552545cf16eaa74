import { paths } from '../paths'

interface AvatarProps {
  id: number
  /** Of the picture they have uploaded. */
  image?: string | null | undefined
  size: 24 | 32 | 40 | 48 | 96
}

/** The picture of a person, beside their name: so it needs no text of its own. */
export function Avatar({ id, image, size }: AvatarProps) {
  return (
    <img
      className="avatar"
      src={image && size < 96 ? paths.image(image, 160) : paths.avatar({ id, image })}
      alt=""
      width={size}
      height={size}
      loading="lazy"
      decoding="async"
    />
  )
}

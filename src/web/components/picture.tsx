import { imageWidths } from '#lib/image-widths'
import { paths } from '../paths'

interface PictureProps {
  hash: string
  /** What is to be seen, or nothing for mere decoration. */
  alt: string
  /** How wide it is shown, as in the attribute of the same name. */
  sizes: string
  /** The shape of its box, in any unit, so that nothing jumps when it comes. */
  width?: number
  height?: number
  className?: string | undefined
  /** It is in sight as soon as the page is. */
  eager?: boolean
}

/** A picture somebody has uploaded. */
export function Picture({
  hash,
  alt,
  sizes,
  width = 16,
  height = 9,
  className,
  eager = false,
}: PictureProps) {
  return (
    <img
      className={className}
      src={paths.image(hash, 640)}
      srcSet={imageWidths.map((each) => `${paths.image(hash, each)} ${each}w`).join(', ')}
      sizes={sizes}
      width={width}
      height={height}
      alt={alt}
      loading={eager ? undefined : 'lazy'}
      decoding="async"
    />
  )
}

import { useId } from 'react'
import { pictureBytesMax } from '#images/formats'
import { Picture } from '#web/components/picture'
import { keptName, removeName } from '../rules'

interface PictureFieldProps {
  name: string
  label: string
  /** The picture that is there, also one that came with this very form. */
  hash: string | null
  hint?: string | undefined
  /** What is wrong with what was chosen. */
  error?: string | undefined
}

const taken = `JPEG, PNG, WebP or AVIF, up to ${pictureBytesMax / 1e6} MB.`

/** The field of a form for a picture: chosen anew, left as it is, or taken away. */
export function PictureField({ name, label, hash, hint, error }: PictureFieldProps) {
  const id = useId()
  return (
    <div className="field picture-field">
      <label htmlFor={id}>{label}</label>
      <p className="field-hint" id={`${id}hint`}>
        {hint ? `${hint} ${taken}` : taken}
      </p>
      {error && (
        <p className="field-error" id={`${id}error`}>
          {error}
        </p>
      )}
      {hash === null ? (
        // So that one taken away stays away when the form comes back for something else.
        <input type="hidden" name={removeName(name)} value="yes" />
      ) : (
        <div className="picture-field-now">
          <Picture hash={hash} alt="The picture that is there now" sizes="160px" eager />
          <label className="choice">
            <input type="checkbox" name={removeName(name)} value="yes" />
            <span>Remove this picture</span>
          </label>
          <input type="hidden" name={keptName(name)} value={hash} />
        </div>
      )}
      <input
        id={id}
        type="file"
        name={name}
        data-bytes-max={pictureBytesMax}
        accept="image/jpeg,image/png,image/webp,image/avif"
        aria-describedby={error ? `${id}hint ${id}error` : `${id}hint`}
        aria-invalid={error ? true : undefined}
      />
    </div>
  )
}

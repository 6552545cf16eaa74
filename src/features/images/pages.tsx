import type { FormErrors } from '#http/forms'
import { Avatar } from '#web/components/avatar'
import { FormAlert, Notice } from '#web/components/form'
import { Picture } from '#web/components/picture'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { PictureField } from './parts/picture-field'
import { markdownOf, type StoredImage } from './rules'

/** Takes in a picture for a story, or shows the one just taken in and how to put it there. */
export function UploadPage({ image, errors = {} }: { image?: StoredImage; errors?: FormErrors }) {
  return (
    <Document title="A picture for your story" hidden scripted>
      <div className="form-page">
        <h1>A picture for your story</h1>
        {image && <Uploaded image={image} />}
        <form className="form" method="post" action={paths.images()} encType="multipart/form-data">
          {errors['image'] && <FormAlert>The picture was not taken in.</FormAlert>}
          <PictureField
            name="image"
            label={image ? 'Another picture' : 'Picture'}
            hash={null}
            error={errors['image']}
          />
          <button className="button" type="submit">
            Upload
          </button>
        </form>
      </div>
    </Document>
  )
}

function Uploaded({ image }: { image: StoredImage }) {
  return (
    <section className="uploaded" aria-label="Your picture">
      <Picture {...image} alt="" sizes="(min-width: 40rem) 30rem, 100vw" eager />
      <div className="field">
        <label htmlFor="markdown">Copy this line into your story, where the picture belongs</label>
        <p className="field-hint" id="markdown-hint">
          Between the square brackets, say what the picture shows, for those who cannot see it.
        </p>
        <textarea
          id="markdown"
          aria-describedby="markdown-hint"
          readOnly
          rows={3}
          defaultValue={markdownOf(image)}
        />
      </div>
    </section>
  )
}

interface PicturePageProps {
  image: string | null
  errors?: FormErrors
  /** It has just been saved. */
  done?: boolean
}

/** The picture beside one's name. */
export function PicturePage({ image, errors = {}, done = false }: PicturePageProps) {
  const { viewer } = useSite()
  return (
    <Document title="Your picture" hidden scripted>
      <div className="form-page">
        <h1>Your picture</h1>
        <p className="lead">It stands beside your name, cut to a circle.</p>
        {done && <Notice>Saved. Others see it now.</Notice>}
        {errors['image'] && <FormAlert>The picture was not changed.</FormAlert>}
        <p className="picture-now">
          <Avatar id={viewer?.id ?? 0} image={image} size={96} />
          <span>{image ? 'How you look now.' : 'Until you choose one, we draw it.'}</span>
        </p>
        <form
          className="form"
          method="post"
          action={paths.settingsOf('picture')}
          encType="multipart/form-data"
        >
          <PictureField
            name="image"
            label={image ? 'Another picture' : 'Picture'}
            hash={image}
            error={errors['image']}
          />
          <button className="button" type="submit">
            Save
          </button>
        </form>
        <p className="aside">
          <a href={paths.settings()}>Back to the settings</a>
        </p>
      </div>
    </Document>
  )
}

/** Files that the executable carries inside and a checkout has in its folders instead. */
export interface Embedded {
  /** Path of the packed Postgres inside the executable. */
  postgres: string
  /** Name of a client asset, such as `site-3f9a.css` → its path inside the executable. */
  assets: Readonly<Record<string, string>>
}

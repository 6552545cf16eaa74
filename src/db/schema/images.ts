import { integer, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'
import { bytes, id, time } from './columns'
import { people } from './projects'

/** A picture somebody has uploaded, by the SHA-256 of what we made of it, in hexadecimal. */
export const images = pgTable('images', {
  hash: text().primaryKey(),
  width: integer().notNull(),
  height: integer().notNull(),
  uploaderId: id()
    .notNull()
    .references(() => people.id),
  createdAt: time().notNull().defaultNow(),
})

/** Its files, one for each width, unless they are kept in object storage. */
export const imageFiles = pgTable(
  'image_files',
  {
    hash: text()
      .notNull()
      .references(() => images.hash),
    width: smallint().notNull(),
    data: bytes().notNull(),
  },
  (t) => [primaryKey({ columns: [t.hash, t.width] })],
)

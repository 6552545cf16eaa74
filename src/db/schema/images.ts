import { sql } from 'drizzle-orm'
import { index, integer, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'
import { bytes, id, time } from './columns'
import { people } from './projects'

/** A picture somebody has uploaded, by the SHA-256 of what we made of it, in hexadecimal. */
export const images = pgTable(
  'images',
  {
    hash: text().primaryKey(),
    width: integer().notNull(),
    height: integer().notNull(),
    uploaderId: id()
      .notNull()
      .references(() => people.id),
    createdAt: time().notNull().defaultNow(),
    /** When something last let go of it, or it came; null while something has it. */
    unusedSince: time().defaultNow(),
  },
  (t) => [index('images_unused').on(t.unusedSince).where(sql`unused_since is not null`)],
)

/** What shows which picture: kept by triggers on all that can, never by hand. */
export const imageUses = pgTable(
  'image_uses',
  {
    /** A table, and the key of a row of it. */
    source: text().notNull(),
    place: text().notNull(),
    hash: text()
      .notNull()
      .references(() => images.hash),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.place, t.hash] }),
    index('image_uses_by_image').on(t.hash),
  ],
)

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

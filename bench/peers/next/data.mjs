import postgres from 'postgres'
import * as page from './page.mjs'

// Where the database is stands in PGHOST, PGUSER and the like; statements are prepared.

const int8 = 20
const sql = postgres({
  max_lifetime: null,
  types: { bigint: { to: int8, from: [int8], serialize: String, parse: Number } },
})
const select = (text, id) => sql.unsafe(text, [id], { prepare: true })

let names
const findNames = () => {
  names ??= sql.unsafe(page.categoryNamesSql).then((rows) => new Map(rows.map(entryOf)))
  return names
}
const entryOf = ({ slug, name }) => [slug, name]

export async function findProject(id) {
  const [known, [row]] = await Promise.all([findNames(), select(page.projectWithCreatorSql, id)])
  return row && page.withNames(row, known)
}

export const findStory = async (id) => (await select(page.storySql, id))[0]

export const listRewards = (id) => select(page.rewardsSql, id)

/** Known only when the server runs. */
export const baseUrl = () => `http://127.0.0.1:${process.env.PORT}`

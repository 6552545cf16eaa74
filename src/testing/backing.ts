import { verifyCounters } from '#db/verify'
import { type TestApp, testApp } from './app'
import { addCard, makeCampaign } from './campaign'
import { type Member, signedIn } from './cast'
import type { Visitor } from './visitor'

/** What a reader sees: without marks, and with one blank where there are some. */
export async function textOf(answer: Response): Promise<string> {
  const html = await answer.text()
  const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'))
  return main
    .replace(/<!-- -->/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
}

export const placeOf = (answer: Response): string => answer.headers.get('location') ?? ''

/** The hidden fields of the form that confirms a pledge. */
export async function formOf(answer: Response): Promise<Record<string, string>> {
  const html = await answer.text()
  const form = /<form class="form pledge-form".*?<\/form>/s.exec(html)?.[0] ?? ''
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
  return Object.fromEntries(fields.map(([, name, value]) => [name ?? '', value ?? '']))
}

/** A site on which somebody with a card stands before a project of its own. */
export interface BackedSite {
  site: TestApp
  sql: TestApp['db']['$client']
  /** A new project and a new backer with a card. */
  begin(): Promise<{ project: number; backer: Member; card: number }>
  /** Somebody who is signed in, and a card of theirs. */
  newBacker(): Promise<{ backer: Member; card: number }>
  /** From choosing to the form that confirms. */
  checkOut(
    who: Visitor,
    path: string,
    choice: Record<string, string>,
  ): Promise<{ path: string; fields: Record<string, string> }>
  /** All the way; the answer is the last one. */
  pledge(
    who: Visitor,
    project: number,
    choice: Record<string, string>,
    card: number,
  ): Promise<Response>
  /** What a project has on its books, and from how many. */
  pledgedOf(project: number): Promise<[amount: number, backers: number]>
  mailsTo(member: Member): Promise<{ subject: string; text: string }[]>
  /** Also says what `verify` finds wrong. */
  close(): Promise<string[]>
}

const farSeconds = 10 * 86_400

export async function backedSite(given?: TestApp): Promise<BackedSite> {
  const site = given ?? (await testApp())
  const sql = site.db.$client
  site.setNow(new Date())
  let names = 0
  const newBacker = async () => {
    const backer = await signedIn(site, `Backer Number${names++}`)
    return { backer, card: await addCard(sql, backer.id, 'pays') }
  }
  const checkOut: BackedSite['checkOut'] = async (who, path, choice) => {
    const chosen = await who.post(path, choice)
    const place = placeOf(chosen)
    if (chosen.status !== 303) throw new Error(`choosing was answered ${chosen.status}`)
    const fields = await formOf(await who.get(place))
    return { path: new URL(place, 'http://x').pathname, fields }
  }
  return {
    ...{ site, sql, newBacker, checkOut },
    begin: async () => ({
      project: await makeCampaign(sql, { endsIn: farSeconds }),
      ...(await newBacker()),
    }),
    pledge: async (who, project, choice, card) => {
      const { path, fields } = await checkOut(who, `/projects/${project}/pledges/new`, choice)
      return await who.post(path, { ...fields, card: String(card) })
    },
    pledgedOf: async (project) => {
      const [row] = await sql`select pledged, backers_count from projects where id = ${project}`
      return [Number(row?.['pledged']), Number(row?.['backers_count'])]
    },
    mailsTo: async ({ id }) => {
      const rows = await sql`
        select subject, text from outbox
          where recipient = (select email from accounts where person_id = ${id}) order by id`
      return rows.map(({ subject, text }) => ({ subject: String(subject), text: String(text) }))
    },
    close: async () => {
      const counters = await Array.fromAsync(verifyCounters(site.db))
      await site.close()
      return counters.filter(({ count }) => count > 0).map((wrong) => JSON.stringify(wrong))
    },
  }
}

/** A statement as it may be told of: never with what it was asked for. */
export interface Statement {
  /** The room whose table comes first in it; `site` where there is none. */
  room: string
  /** What it is called where it is prepared, or what it does and to which table. */
  name: string
  /** Such as `SELECT`. */
  operation: string
}

const roomTables: Record<string, string> = {
  people:
    'accounts sessions recovery_codes guests mailed_tokens access_tokens people follows blocks rate_limits',
  images: 'images image_files image_uses',
  ledger: 'ledger ledger_heads ledger_balances',
  projects:
    'projects stories categories places rewards reward_items reward_shipping faqs project_transitions project_visits',
  payments: 'cards charges refunds disputes provider_events test_gateway',
  pledges: 'pledges pledge_add_ons reward_holds money_requests take_pledges',
  settlement: 'settlements payouts',
  editor: 'drafts collaborators',
  updates: 'updates update_likes update_drafts',
  comments: 'comments',
  saves: 'saves',
  messages: 'conversations messages',
  activity: 'events activities muted_topics outbox',
  fulfilment: 'addresses surveys fulfilments fulfilment_tasks',
  webhooks: 'webhooks webhook_deliveries',
  staff: 'reports restrictions audit_log',
}
const roomOf = new Map(
  Object.entries(roomTables).flatMap(([room, tables]) =>
    tables.split(' ').map((table): [string, string] => [table, room]),
  ),
)

const operations = /^(select|insert|update|delete|begin|commit|rollback|notify)$/
const described = new Map<string, Statement>()
/** Texts are written in the program, some of them in as many forms as there are lists. */
const describedMax = 2_000

/** `names` has what prepared statements are called, by their text. */
export function describeStatement(text: string, names: ReadonlyMap<string, string>): Statement {
  const known = described.get(text)
  if (known) return known
  const words = text.toLowerCase().match(/[a-z_]+/g) ?? []
  const verb = words.find((word) => operations.test(word)) ?? 'other'
  const table = words.find((word) => roomOf.has(word))
  const statement = {
    room: (table && roomOf.get(table)) ?? 'site',
    name: names.get(text) ?? (table ? `${verb} ${table}` : verb),
    operation: verb.toUpperCase(),
  }
  if (described.size >= describedMax) described.clear()
  described.set(text, statement)
  return statement
}

/**
 * Every refusal the program can answer with: code → HTTP status, a short title, and the sentence a
 * reader sees. An error that is not in this table is a bug and is shown as `internal`.
 */
export const errorCatalogue = {
  invalid_input: {
    status: 400,
    title: 'That request does not add up',
    sentence: 'Something in the address or the form is not what this page expects.',
  },
  invalid_cursor: {
    status: 400,
    title: 'That page of the list is gone',
    sentence: 'The place in the list could not be read. Start again from its first page.',
  },
  sign_in_required: {
    status: 401,
    title: 'Sign in first',
    sentence: 'This page is for people who are signed in.',
  },
  token_required: {
    status: 401,
    title: 'A token is needed',
    sentence:
      'Send a personal access token as “Authorization: Bearer …”. Make one in your settings.',
  },
  invalid_token: {
    status: 401,
    title: 'That token does not work',
    sentence: 'It is unknown, was revoked or has run out. Make another one in your settings.',
  },
  insufficient_scope: {
    status: 403,
    title: 'The token does not open this',
    sentence: 'Make a token with the scope that this needs.',
  },
  forbidden: {
    status: 403,
    title: 'That is not yours to do',
    sentence: 'Your account may not do this.',
  },
  restricted: {
    status: 403,
    title: 'Not for now',
    sentence: 'Our staff has taken this from your account for now.',
  },
  blocked: {
    status: 403,
    title: 'Not between you two',
    sentence: 'One of you has blocked the other, so nothing was sent.',
  },
  cross_site: {
    status: 403,
    title: 'That did not come from here',
    sentence: 'The request was sent by another site. Go back, reload the page and try again.',
  },
  not_found: {
    status: 404,
    title: 'Nothing here',
    sentence: 'There is no page at this address. It may have moved, or never launched.',
  },
  project_not_found: {
    status: 404,
    title: 'No such project',
    sentence: 'There is no public project with this number.',
  },
  person_not_found: {
    status: 404,
    title: 'No such person',
    sentence: 'There is nobody here with this number.',
  },
  category_not_found: {
    status: 404,
    title: 'No such category',
    sentence: 'There is no category with this name.',
  },
  place_not_found: {
    status: 404,
    title: 'No such place',
    sentence: 'No project has come from a place with this name yet.',
  },
  update_not_found: {
    status: 404,
    title: 'No such update',
    sentence: 'This project has no update with this number.',
  },
  comment_not_found: {
    status: 404,
    title: 'No such comment',
    sentence: 'That comment is not here: it may have been taken back.',
  },
  conversation_not_found: {
    status: 404,
    title: 'No such conversation',
    sentence: 'There is no conversation here that you take part in.',
  },
  comment_answered: {
    status: 409,
    title: 'Somebody has answered',
    sentence: 'A comment with answers stays, so that they make sense.',
  },
  webhook_not_found: {
    status: 404,
    title: 'No such webhook',
    sentence: 'This project has no webhook, or no delivery of one, with this number.',
  },
  reward_not_found: {
    status: 404,
    title: 'No such reward',
    sentence: 'This project has no reward with this number.',
  },
  reward_backed: {
    status: 409,
    title: 'Somebody has taken it',
    sentence:
      'A reward that has been taken stays as it is: only its picture may change, and there may be more of it.',
  },
  faq_not_found: {
    status: 404,
    title: 'No such question',
    sentence: 'This project has no question at this place.',
  },
  method_not_allowed: {
    status: 405,
    title: 'That cannot be done here',
    sentence: 'This address can be read, not changed.',
  },
  edited_meanwhile: {
    status: 409,
    title: 'Somebody else has saved since',
    sentence: 'This was changed in another window meanwhile. Compare both and save again.',
  },
  incomplete: {
    status: 422,
    title: 'Something is still missing',
    sentence: 'This cannot go on before it is whole.',
  },
  wrong_state: {
    status: 409,
    title: 'Not at this point',
    sentence: 'Where this project stands now, that can no longer be done, or not yet.',
  },
  person_gone: {
    status: 410,
    title: 'This person has left',
    sentence: 'They have deleted their account. What they said and backed stays, without a name.',
  },
  pledge_not_found: {
    status: 404,
    title: 'No such pledge',
    sentence: 'You have not backed this project, or you have canceled your pledge.',
  },
  key_reused: {
    status: 422,
    title: 'That was asked for before',
    sentence:
      'The same idempotency key came with another request. Use a new key for a new request.',
  },
  campaign_over: {
    status: 409,
    title: 'The campaign is over',
    sentence: 'Since its end, pledges can no longer be made or changed.',
  },
  own_project: {
    status: 403,
    title: 'This is your own project',
    sentence: 'Nobody backs their own project: its money would only go round.',
  },
  already_pledged: {
    status: 409,
    title: 'You back this already',
    sentence: 'There is one pledge of each backer for a project. Change the one you have.',
  },
  sold_out: {
    status: 409,
    title: 'That is all gone',
    sentence:
      'Somebody else was faster, or the last ones are set aside at somebody’s checkout. Nothing was charged.',
  },
  reward_closed: {
    status: 409,
    title: 'Not at this time',
    sentence: 'This reward is not open yet, or no longer. Nothing was charged.',
  },
  add_on_unavailable: {
    status: 409,
    title: 'That cannot be added',
    sentence: 'One of the add-ons cannot be had, or not so many of it. Nothing was charged.',
  },
  ships_elsewhere: {
    status: 422,
    title: 'It does not ship there',
    sentence: 'This reward is not shipped to that country. Nothing was charged.',
  },
  price_changed: {
    status: 409,
    title: 'The price has changed',
    sentence: 'It comes to something else now. Nothing was charged.',
  },
  key_required: {
    status: 400,
    title: 'A key is needed',
    sentence:
      'Send “Idempotency-Key” with 1 to 100 printable characters of your own, so that this is done once however often it is sent.',
  },
  card_not_found: {
    status: 422,
    title: 'No such card',
    sentence: 'You have no card with this number.',
  },
  falls_short: {
    status: 409,
    title: 'Not on the last day',
    sentence:
      'Within 24 hours of the end no pledge may be lowered or canceled that would leave the project short of its goal.',
  },
  link_used: {
    status: 410,
    title: 'That link no longer works',
    sentence: 'It has been used, replaced by a newer one, or is too old. Ask for another.',
  },
  too_large: {
    status: 413,
    title: 'That is too much at once',
    sentence: 'What was sent is larger than this form takes.',
  },
  not_json: {
    status: 415,
    title: 'This takes JSON',
    sentence: 'Send the body as “Content-Type: application/json”.',
  },
  invalid_body: {
    status: 422,
    title: 'That cannot be taken as it is',
    sentence: 'Something in the body is not what this takes.',
  },
  uri_too_long: {
    status: 414,
    title: 'That address is too long',
    sentence: 'Shorten the search or the filters and try again.',
  },
  too_many_requests: {
    status: 429,
    title: 'One moment, please',
    sentence: 'Too many tries. Please wait a little and try again.',
  },
  busy: {
    status: 503,
    title: 'Many people at the door',
    sentence: 'Too many are asking for this at this moment. Please try again in a few seconds.',
  },
  no_room: {
    status: 507,
    title: 'There is no room for it',
    sentence:
      'The disk it would be kept on is full. Nothing was changed. Please try again later: those who look after this site have to make room.',
  },
  unavailable: {
    status: 503,
    title: 'Back in a moment',
    sentence: 'The database does not answer at the moment. Please try again shortly.',
  },
  internal: {
    status: 500,
    title: 'Something broke on our side',
    sentence: 'It has been written down with the number below. Please try again.',
  },
} as const satisfies Record<string, { status: number; title: string; sentence: string }>

export type ErrorCode = keyof typeof errorCatalogue

/** A refusal with a place in the catalogue. `detail` is shown to the reader: name the field. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly field: string | undefined
  /** Finds out what to say in place of the detail, when it is shown. */
  readonly explain: (() => Promise<string | undefined>) | undefined

  constructor(
    code: ErrorCode,
    options: Partial<Pick<AppError, 'detail' | 'field' | 'explain'>> = {},
  ) {
    super(options.detail ?? errorCatalogue[code].sentence)
    this.name = 'AppError'
    this.code = code
    this.detail = options.detail
    this.field = options.field
    this.explain = options.explain
  }

  get status() {
    return errorCatalogue[this.code].status
  }

  get title() {
    return errorCatalogue[this.code].title
  }

  get sentence() {
    return errorCatalogue[this.code].sentence
  }
}

/**
 * A command that cannot go on, for a reason its user can mend: one or more sentences that say what
 * is wrong and what to do. Printed without a stack; the process exits with `exitCode`.
 */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}

/**
 * An error for the log: its stack and, where there is one, the message of what caused it. Of a
 * statement that failed its text is told, and not its values: an address, a token's hash.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const told = error.stack ?? error.message
  const isQuery = 'query' in error && 'params' in error
  const own = isQuery ? told.replace(error.message, () => `Failed query: ${error.query}`) : told
  return error.cause === undefined ? own : `${own}\ncaused by ${String(error.cause)}`
}

/** `ENOENT`, `28P01` and the like, where an error has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** What an error of drizzle or of ours was made from, where there is something. */
export const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error

// Postgres: connection loss, out of resources, shutdown. Sockets and names: any.
const lostCodes = /^(08|53|57P0|CONNECT|ECONN|ENO|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_)/

/** Whether the database, or the way to it, was not there: what was asked may have happened. */
export const isLost = (error: unknown): boolean => lostCodes.test(errorCode(causeOf(error)) ?? '')

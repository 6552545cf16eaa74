/** What a webhook may be told of, and how that is said on its form. */
export const webhookKinds = {
  'project.launched': 'The project has launched.',
  'project.successful': 'It has ended and reached its goal.',
  'project.failed': 'It has ended without reaching its goal.',
  'project.canceled': 'You have canceled it.',
  'project.suspended': 'Our staff has suspended it.',
  'update.published': 'An update was published.',
  'comment.posted': 'Somebody has written a comment.',
  'pledge.created': 'Somebody has backed the project.',
  'pledge.changed': 'A backer has changed what they pledge.',
  'pledge.canceled': 'A backer has canceled their pledge.',
  'pledge.collected': 'A pledge was charged.',
  'pledge.dropped': 'A pledge could not be charged and was given up.',
  'pledge.refunded': 'You have given a backer money back.',
  'pledge.disputed': 'A backer’s bank takes a payment back.',
  'pledge.dispute_won': 'The bank has decided a dispute for you.',
  'payout.sent': 'You were sent what the project has brought in.',
} as const
export type WebhookKind = keyof typeof webhookKinds
export const webhookKindNames = Object.keys(webhookKinds) as WebhookKind[]

/** Sent when it is asked for, whatever a webhook wants to be told. */
export const pingKind = 'ping'

/** What a line of the books tells, by its kind. */
export const kindOfLine: Readonly<Record<string, WebhookKind>> = {
  pledge: 'pledge.created',
  change: 'pledge.changed',
  cancel: 'pledge.canceled',
  capture: 'pledge.collected',
  late_capture: 'pledge.collected',
  drop: 'pledge.dropped',
  refund: 'pledge.refunded',
  dispute: 'pledge.disputed',
  dispute_won: 'pledge.dispute_won',
  payout: 'payout.sent',
}

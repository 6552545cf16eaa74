// Pledges quote them before there is anything to settle, so they stand in a room above both.
export { type Fees, feesOf, shares } from '#features/ledger/rules/fees'

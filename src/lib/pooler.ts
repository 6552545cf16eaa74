/** A program such as PgBouncer that shares few connections to the database among many of ours. */
export interface Pooler {
  /** For how long one of ours has a connection to the database; by `statement`, no transactions. */
  mode: 'session' | 'transaction' | 'statement'
  /** Whether a prepared statement is found again on whatever connection comes next. */
  keepsStatements: boolean
}

/** What is told in figures. Names, units and buckets are OpenTelemetry's where it has them. */
export interface Family {
  type: 'counter' | 'gauge' | 'histogram' | 'info'
  help: string
  labels: readonly string[]
  /** Upper bounds of a histogram's buckets; the last one, infinity, is left out. */
  bounds?: readonly number[]
}

/** OpenTelemetry's for requests, and three more below: a page from memory takes microseconds. */
const requestBounds = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075],
  ...[0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
]
const statementBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
const batchBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/** For percentiles within a tenth: from 10 µs to 17 s, each a fifth above the one before. */
export const fineBounds: readonly number[] = Array.from({ length: 80 }, (_, i) => 1e-5 * 1.2 ** i)

const catalogue = {
  http_server_request_duration_seconds: {
    type: 'histogram',
    help: 'Duration of HTTP server requests; of pages from memory the sum is estimated.',
    labels: ['http_request_method', 'http_route', 'http_response_status_code'],
    bounds: requestBounds,
  },
  http_server_active_requests: {
    type: 'gauge',
    help: 'Requests being answered.',
    labels: [],
  },
  db_client_operation_duration_seconds: {
    type: 'histogram',
    help: 'Duration of statements, the wait for a connection included.',
    labels: ['db_operation_name', 'db_client_connection_pool_name'],
    bounds: statementBounds,
  },
  db_client_connection_count: {
    type: 'gauge',
    help: 'Connections of the pools.',
    labels: ['db_client_connection_pool_name', 'db_client_connection_state'],
  },
  db_client_connection_max: {
    type: 'gauge',
    help: 'The most connections there may be.',
    labels: ['db_client_connection_pool_name'],
  },
  db_client_connection_pending_requests: {
    type: 'gauge',
    help: 'Statements and transactions beyond the connections there are.',
    labels: ['db_client_connection_pool_name'],
  },
  process_cpu_time_seconds: {
    type: 'counter',
    help: 'CPU time of worker processes.',
    labels: ['worker', 'cpu_mode'],
  },
  process_memory_usage_bytes: {
    type: 'gauge',
    help: 'Resident memory of worker processes.',
    labels: ['worker'],
  },
  jumpstarter_event_loop_delay_seconds: {
    type: 'histogram',
    help: 'How late a timer of the event loop was.',
    labels: ['worker'],
    bounds: requestBounds,
  },
  jumpstarter_page_cache_requests: {
    type: 'counter',
    help: 'Requests by where their answer came from.',
    labels: ['result'],
  },
  jumpstarter_page_cache_shared: {
    type: 'counter',
    help: 'Pages that another process had made.',
    labels: [],
  },
  jumpstarter_page_cache_size_bytes: {
    type: 'gauge',
    help: 'Memory that finished pages take.',
    labels: [],
  },
  jumpstarter_page_cache_entries: { type: 'gauge', help: 'Finished pages kept.', labels: [] },
  jumpstarter_pledges: {
    type: 'counter',
    help: 'Pledges asked for, by what came of it.',
    labels: ['outcome'],
  },
  jumpstarter_pledge_batch_size: {
    type: 'histogram',
    help: 'Pledges written in one transaction.',
    labels: [],
    bounds: batchBounds,
  },
  jumpstarter_refused_requests: {
    type: 'counter',
    help: 'Requests told to come back, because more was asked than could be answered.',
    labels: ['urgency'],
  },
  jumpstarter_admission_at_work: {
    type: 'gauge',
    help: 'Requests let in lately that are being worked on.',
    labels: ['worker', 'lane'],
  },
  jumpstarter_admission_limit: {
    type: 'gauge',
    help: 'How many there may be of them, by the pace at which they are finished.',
    labels: ['worker', 'lane'],
  },
  jumpstarter_outbox_oldest_seconds: {
    type: 'gauge',
    help: 'Age of the oldest mail that is due and has not been sent.',
    labels: [],
  },
  jumpstarter_event_streams: {
    type: 'gauge',
    help: 'Readers who are told of changes as they happen.',
    labels: [],
  },
  jumpstarter_replica_in_use: {
    type: 'gauge',
    help: 'Whether a replica is read from.',
    labels: ['replica'],
  },
  jumpstarter_replica_lag_seconds: {
    type: 'gauge',
    help: 'How old what a replica shows may be.',
    labels: ['replica'],
  },
  jumpstarter_spans: {
    type: 'counter',
    help: 'Spans for the collector of traces.',
    labels: ['outcome'],
  },
  jumpstarter_workers: { type: 'gauge', help: 'Worker processes that run.', labels: [] },
  jumpstarter_worker_restarts: {
    type: 'counter',
    help: 'Workers that ended unexpectedly.',
    labels: [],
  },
  jumpstarter_build: {
    type: 'info',
    help: 'Which program this is.',
    labels: ['version', 'commit', 'bun'],
  },
  /** For the performance page alone. */
  request_fine: { type: 'histogram', help: '', labels: [], bounds: fineBounds },
} as const satisfies Record<string, Family>

export type FamilyName = keyof typeof catalogue
export const families: Readonly<Record<FamilyName, Family>> = catalogue
/** Not for `/metrics`: every sum of it can be had from the others, if more coarsely. */
export const isHidden = (name: FamilyName) => name === 'request_fine'

/**
 * One line of figures: of a counter or gauge its value, of a histogram the numbers in its buckets,
 * infinity included, and then the sum.
 */
export type Figures = [family: FamilyName, labels: string[], values: number[]]

/** All that one process tells. */
export type Report = Figures[]

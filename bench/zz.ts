import { measureStream } from './queries-stream'
const url = 'postgres://postgres@localhost/b_q?host=/tmp/xp&port=5599'
for (let i = 0; i < 2; i++) { const r = await measureStream({ unix: url }, { name: 'all', shelf: 'shelf' as any, number: 0 }, 7); console.log(r.rows, r.ms, r.copy_ms, r.cursor_ms, r.ratio, r.ratio_low, r.ratio_high, r.cursor_ratio, r.database_ms) }
process.exit()

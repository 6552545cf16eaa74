import { expect, test } from 'bun:test'
import { CommandError } from '#lib/errors'
import { connectionOptions } from './client'

test.each([
  [
    'postgres://me:s%40cret@db.example:6000/site',
    { user: 'me', password: 's@cret', host: 'db.example', port: 6000, database: 'site' },
  ],
  ['postgresql://me@db/', { user: 'me', host: 'db', port: 5432, database: 'me' }],
  ['postgres://me@/site?host=/run/pg', { user: 'me', path: '/run/pg/.s.PGSQL.5432' }],
  ['postgres://me@/site?host=%2Frun%2Fpg&port=6000', { path: '/run/pg/.s.PGSQL.6000' }],
  ['postgres:///site?host=/run/pg', { user: 'postgres', database: 'site' }],
  ['postgres://[::1]:6000/site', { host: '::1', port: 6000 }],
  [
    'postgres://me:s%40cret@h1:6000,h2,[::1]:7000/site',
    {
      ...{ user: 'me', password: 's@cret', database: 'site', host: ['h1', 'h2', '::1'] },
      ...{ port: [6000, 5432, 7000], target_session_attrs: 'primary' },
    },
  ],
  [
    'postgres://me@h1,h2/site?port=6000&target_session_attrs=standby',
    { host: ['h1', 'h2'], port: [6000, 6000], target_session_attrs: 'standby', connection: {} },
  ],
  [
    'postgres://me@/site?host=h1,h2&port=6000,7000',
    { host: ['h1', 'h2'], port: [6000, 7000], target_session_attrs: 'primary' },
  ],
  ['postgres://me@db/site?sslmode=require', { ssl: 'require' }],
  ['postgres://me@db/site?lock_timeout=3s', { connection: { lock_timeout: '3s' } }],
])('%s', (url, expected) => {
  expect(connectionOptions(url)).toMatchObject(expected as object)
})

test('a URL that is none is refused without its password', () => {
  for (const url of ['postgres://', 'postgres://me:se%cret@db/site', 'postgres://me:secret@:x/']) {
    expect(() => connectionOptions(url)).toThrow(CommandError)
    expect(() => connectionOptions(url)).toThrow(/^(?!.*cret)/)
  }
})

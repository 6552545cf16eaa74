import { expect, test } from 'bun:test'
import { parseEnvFile } from './env-file'

test('a file of settings is read as systemd reads it', () => {
  const text = [
    ...['# a comment', '; another', '', 'BASE_URL=https://crowd.example', ' LOG_LEVEL = warn'],
    ...['  PORT=80  ', 'MAIL_FROM="The \\"Crew\\" <a@b.example>"', "SMTP_URL='smtp://a b'"],
    ...['DATABASE_URL=postgres://a:b#c@d/e?f=g', 'EMPTY=', 'LONG=one \\', 'two', 'export X=1'],
    ...['JUMPSTARTER_PROCESSING_FEE=3 + 0.20', 'LAST=a\\ b\r'],
  ].join('\n')
  expect(parseEnvFile(text)).toEqual({
    ...{ BASE_URL: 'https://crowd.example', PORT: '80', MAIL_FROM: 'The "Crew" <a@b.example>' },
    ...{ SMTP_URL: 'smtp://a b', DATABASE_URL: 'postgres://a:b#c@d/e?f=g', EMPTY: '' },
    ...{ LONG: 'one two', JUMPSTARTER_PROCESSING_FEE: '3 + 0.20', LAST: 'a b' },
  })
})

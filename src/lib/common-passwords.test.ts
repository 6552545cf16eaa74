import { expect, test } from 'bun:test'
import { isCommonPassword } from './common-passwords'

test.each([
  ['password1', true],
  ['PassWord1', true],
  ['qwertyuiop', true],
  ['1234567890', true],
  ['correct horse battery', false],
  ['', false],
])('%s', async (password, isCommon) => {
  expect(await isCommonPassword(password)).toBe(isCommon)
})

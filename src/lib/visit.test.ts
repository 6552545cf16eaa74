import { expect, test } from 'bun:test'
import { isBrowser, sourceOf } from './visit'

test.each([
  [null, ''],
  ['', ''],
  ['https://jumpstarter.test/discover?q=1', 'here'],
  ['https://jumpstarter.test:8443/', 'here'],
  ['https://www.google.com/', 'google.com'],
  ['HTTPS://News.Example.ORG/a', 'news.example.org'],
  ['https://bücher.example/', 'xn--bcher-kva.example'],
  ['android-app://com.example.reader/', 'other'],
  ['javascript:alert(1)', 'other'],
  ['https://192.0.2.1/', 'other'],
  ['https://[::1]/', 'other'],
  ['https://intranet/', 'other'],
  [`https://${'a'.repeat(63)}.example/`, 'other'],
  ['https://%3Cscript%3E/', 'other'],
  ['not an address', 'other'],
])('%p comes from %p', (referer, source) => {
  expect(sourceOf(referer, 'jumpstarter.test')).toBe(source)
})

test.each([
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1',
    true,
  ],
  ['Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 Chrome/130.0 Mobile', true],
  ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', false],
  ['Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0', false],
  ['facebookexternalhit/1.1', false],
  ['python-requests/2.32', false],
  ['', false],
])('%p is a browser: %p', (userAgent, is) => {
  expect(isBrowser(userAgent)).toBe(is)
})

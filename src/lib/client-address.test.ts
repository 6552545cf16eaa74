import { describe, expect, test } from 'bun:test'
import { clientAddressOf, isNetwork, type Peer, trustedProxies } from './client-address'

const isTrusted = trustedProxies(['127.0.0.0/8', '::1', '10.0.0.0/8', '2001:db8:1::/48'])
const unix: Peer = { kind: 'unix' }
const tcp = (address: string): Peer => ({ kind: 'tcp', address })

describe('the client is the last hop that is no trusted proxy', () => {
  test.each<[Peer | undefined, string | null, string | undefined]>([
    // Without a proxy, whatever they say.
    [tcp('198.51.100.7'), null, '198.51.100.7'],
    [tcp('198.51.100.7'), '203.0.113.9', '198.51.100.7'],
    [tcp('2001:db8:2::7'), '203.0.113.9', '2001:db8:2::7'],
    // Behind one, and behind two.
    [tcp('127.0.0.1'), '203.0.113.9', '203.0.113.9'],
    [tcp('::1'), '203.0.113.9', '203.0.113.9'],
    [unix, '203.0.113.9', '203.0.113.9'],
    [unix, '203.0.113.9, 10.1.2.3', '203.0.113.9'],
    [unix, '203.0.113.9, 2001:db8:1::5', '203.0.113.9'],
    // What was there before the first trusted proxy is anybody's invention.
    [unix, '127.0.0.1, 10.9.9.9, 203.0.113.9', '203.0.113.9'],
    [tcp('127.0.0.1'), '192.0.2.1, 203.0.113.9, 10.1.2.3', '203.0.113.9'],
    // All of them trusted: a reader in our own network.
    [tcp('127.0.0.1'), '10.0.0.5, 10.1.2.3', '10.0.0.5'],
    [tcp('127.0.0.1'), null, '127.0.0.1'],
    [unix, null, undefined],
    [unix, '', undefined],
    // A proxy that was itself reached over a Unix socket.
    [unix, '203.0.113.9, unix:', '203.0.113.9'],
    [unix, 'unix:', undefined],
    // Beyond what cannot be read nothing is believed.
    [unix, '203.0.113.9, unknown', undefined],
    [unix, '203.0.113.9, , 10.1.2.3', '10.1.2.3'],
    [tcp('127.0.0.1'), '203.0.113.9, <script>', '127.0.0.1'],
    [tcp('127.0.0.1'), '203.0.113.256', '127.0.0.1'],
    // Nobody is there any more.
    [undefined, '203.0.113.9', undefined],
  ])('%p, forwarded for %p: %p', (peer, forwardedFor, client) => {
    expect(clientAddressOf(peer, forwardedFor, isTrusted)).toBe(client)
  })

  test('with hops without number', () => {
    const many = `203.0.113.9${', 10.1.2.3'.repeat(1000)}`
    expect(clientAddressOf(unix, many, isTrusted)).toBe('10.1.2.3')
  })

  test('and nobody is trusted when there are none', () => {
    expect(clientAddressOf(tcp('127.0.0.1'), '203.0.113.9', trustedProxies([]))).toBe('127.0.0.1')
  })
})

test.each([
  ['203.0.113.9:4711', '203.0.113.9'],
  ['[2001:db8:2::7]:4711', '2001:db8:2::7'],
  ['[2001:db8:2::7]', '2001:db8:2::7'],
  ['2001:DB8:2:0:0:0:0:7', '2001:db8:2::7'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::FFFF:cb00:7109', '203.0.113.9'],
  ['[::ffff:203.0.113.9]:80', '203.0.113.9'],
  ['fe80::1%eth0', 'fe80::1'],
  ['  203.0.113.9\t', '203.0.113.9'],
  ['203.0.113.9:', undefined],
  ['203.0.113.09', undefined],
  ['3405803785', undefined],
  ['localhost', undefined],
  ['[203.0.113.9]', '203.0.113.9'],
  ['[]', undefined],
  ['::ffff:127.0.0.1', '127.0.0.1'],
])('%p is %p', (written, address) => {
  expect(clientAddressOf(unix, written, isTrusted)).toBe(address)
})

test('a listener on IPv6 shows IPv4 as IPv6, which is the same proxy', () => {
  const peer = tcp('::ffff:10.1.2.3')
  expect(clientAddressOf(peer, '203.0.113.9', isTrusted)).toBe('203.0.113.9')
})

test.each([
  ['10.0.0.0/8', true],
  ['10.0.0.1', true],
  ['0.0.0.0/0', true],
  ['::1/128', true],
  ['2001:db8::/32', true],
  ['10.0.0.0/33', false],
  ['::/129', false],
  ['10.0.0.0/', false],
  ['10.0.0.0/8/8', false],
  ['10.0.0.0/-1', false],
  ['fe80::1%eth0', false],
  ['10.0', false],
  ['', false],
])('%p is a network: %p', (text, is) => {
  expect(isNetwork(text)).toBe(is)
  if (is) expect(() => trustedProxies([text])).not.toThrow()
})

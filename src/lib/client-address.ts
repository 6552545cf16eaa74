import { BlockList, isIP } from 'node:net'

/** The other end of a connection; undefined when it is no longer known. */
export type Peer = { kind: 'tcp'; address: string } | { kind: 'unix' }

/** Proxies whose word is taken. */
export type TrustedProxies = (address: string) => boolean

// More proxies than anybody has between a reader and us.
const hopsMax = 32

/** Whether a text is an address or a network in CIDR notation, IPv4 or IPv6. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || rest.length > 0) return false
  const bitsMax = family === 4 ? 32 : 128
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax)
}

/** Trusts these addresses and networks, of which each is one for `isNetwork`. */
export function trustedProxies(networks: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = familyOf(address)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address) => list.check(address, familyOf(address))
}

/**
 * Who asked, as a plain IPv4 or IPv6 address: of the hops that led here the last that is not a
 * trusted proxy. Who may connect to a Unix socket is trusted; what anybody else says of where they
 * come from is not heard. Undefined when nobody trusted has said it.
 */
export function clientAddressOf(
  peer: Peer | undefined,
  forwardedFor: string | null,
  isTrusted: TrustedProxies,
): string | undefined {
  if (peer === undefined) return undefined
  let client = peer.kind === 'tcp' ? plainAddress(peer.address) : undefined
  if (client !== undefined && !isTrusted(client)) return client
  const hops = forwardedFor?.split(',').reverse() ?? []
  for (const hop of hops.slice(0, hopsMax)) {
    const text = hop.trim()
    // What nginx calls whoever came over a Unix socket: a proxy before it.
    if (text === 'unix:') continue
    const address = plainAddress(text)
    if (address === undefined) break
    client = address
    if (!isTrusted(client)) break
  }
  return client
}

const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')

/** Without port, brackets and zone, IPv6 in its shortest form, and IPv4 in IPv6 as IPv4. */
function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1')
  const family = isIP(bare)
  if (family !== 6) return family === 4 ? bare : undefined
  const [withoutZone = ''] = bare.split('%')
  const short = URL.parse(`http://[${withoutZone}]`)?.hostname.slice(1, -1)
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(short ?? '')
  if (!mapped) return short
  const bytes = mapped.slice(1).map((group) => Number.parseInt(group, 16))
  return bytes.flatMap((group) => [group >> 8, group & 255]).join('.')
}

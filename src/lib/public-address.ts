import { BlockList, isIP } from 'node:net'

/** Which IP addresses are somebody's on the Internet, and not in the network that we stand in. */

// Of IPv4 what is set aside (IANA's registry of special-purpose addresses).
const special = new BlockList()
for (const network of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
]) {
  const [address = '', bits] = network.split('/')
  special.addSubnet(address, Number(bits), 'ipv4')
}

// Of IPv6 what is given to somebody, without what leads back to an IPv4 address.
const given = new BlockList()
given.addSubnet('2000::', 3, 'ipv6')
const setAside = new BlockList()
for (const network of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']) {
  const [address = '', bits] = network.split('/')
  setAside.addSubnet(address, Number(bits), 'ipv6')
}

/** Whether an address is a public one; what is no address is none. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !special.check(address, 'ipv4')
  if (family !== 6 || address.includes('%')) return false
  return given.check(address, 'ipv6') && !setAside.check(address, 'ipv6')
}

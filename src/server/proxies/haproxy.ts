import { bodyBytesMax } from '../listeners'
import {
  accessNote,
  accessOf,
  answerSeconds,
  connectSeconds,
  type Front,
  hostAndPort,
  keepAliveSeconds,
  type ProxySite,
  type Upstream,
} from './upstreams'

const retriesMin = 3
/** How long a host may leave what was sent to it without a sign of having got it. */
const unheardSeconds = 2

/** The whole of /etc/haproxy/haproxy.cfg. */
export function haproxyFile(front: Front): string {
  return `\
# Made by jumpstarter generate haproxy, for HAProxy 2.4 or later:
#   jumpstarter generate haproxy > /etc/haproxy/haproxy.cfg
#   haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy
${httpsNote(front)}\
${accessNote(front, '')}\
global
    log /dev/log local0
    user haproxy
${groupLines(front)}
    # No chroot: inside of it there would be no sockets.

defaults
    mode http
    log global
    option httplog

${haproxySite(front.site)}`
}

function httpsNote({ httpsPort, site }: Front): string {
  if (httpsPort === undefined || site.https !== undefined) return ''
  return `\
# For https, with certificates and their keys below a directory:
#   jumpstarter generate haproxy --certificate /etc/haproxy/certs/
`
}

function httpsLines({ https }: ProxySite): string {
  if (https === undefined) return ''
  return `\
    bind :::${https.port} v4v6 ssl crt ${https.certificate} alpn h2,http/1.1
    http-request redirect scheme https code 308 unless { ssl_fc }
`
}

function groupLines(front: Front): string {
  if (accessOf(front) !== 'group') return '    group haproxy'
  return `\
    # That of whoever runs Jumpstarter, for which the sockets are. HAProxy gives up every other
    # group of its account, so that usermod -aG does not help.
    group jumpstarter`
}

/** A site for HAProxy 2.4 or later: a frontend with its backends, which need no defaults. */
export function haproxySite(site: ProxySite): string {
  const { name, keepAlive = true } = site
  return `\
frontend ${name}_in
    mode http
    bind ${bindAddress(site.listen)}
${httpsLines(site)}\
    timeout client ${answerSeconds}s
    timeout http-request 10s
    timeout http-keep-alive ${keepAliveSeconds}s
    # Streamed pages leave as they come.
    option http-no-delay

    # The last of the addresses is the one that HAProxy has seen itself.
    option forwardfor
    http-request set-header X-Forwarded-Proto https if { ssl_fc }
    http-request set-header X-Forwarded-Proto http unless { ssl_fc }
    http-request set-header X-Forwarded-Host %[req.hdr(Host)]
    http-request deny deny_status 413 if { req.body_size gt ${bodyBytesMax} }

    # METH_GET is GET and HEAD.
    use_backend ${name} if METH_GET
    default_backend ${name}_once

# GET and HEAD: connections are kept, and what was lost with a worker is asked of another.
backend ${name}
    mode http
    balance roundrobin
    timeout connect ${connectSeconds}s
    timeout server ${answerSeconds}s
    ${keepAlive ? 'http-reuse always' : 'option http-server-close'}
    retries ${retries(site)}
    option redispatch 1
    retry-on conn-failure empty-response
${checks(site)}${servers(site)}

# What must not be sent twice: always on a new connection, which nobody is just closing, and again
# only when that could not be made.
backend ${name}_once
    mode http
    balance roundrobin
    timeout connect ${connectSeconds}s
    timeout server ${answerSeconds}s
    http-reuse never
    option http-server-close
    retries ${retries(site)}
    option redispatch 1
    retry-on conn-failure
${checks(site)}${servers(site)}
`
}

// At least once past every dead worker.
const retries = ({ upstreams }: ProxySite) => Math.max(retriesMin, upstreams.length)

// A host that has gone without a word is out within two seconds, and back as soon as it answers.
// Where none is fit all are asked: they know better than a proxy what to say.
const checks = ({ checked }: ProxySite) =>
  checked
    ? `\
    option httpchk GET /readyz
    option allbackups
    timeout check 1s
    option srvtcpka
    srvtcpka-idle 1s
    srvtcpka-intvl 1s
    srvtcpka-cnt 2
    default-server inter 1s fastinter 500ms downinter 500ms fall 2 rise 1
`
    : ''

function servers({ upstreams, checked }: ProxySite): string {
  const addresses = upstreams.map((server) =>
    server.kind === 'unix' ? `unix@${server.path}` : hostAndPort(server),
  )
  const server = (name: string, how: string) =>
    addresses.map((address, index) => `    server ${name}${index} ${address}${how}`)
  if (!checked) return server('worker', '').join('\n')
  const how = ` tcp-ut ${unheardSeconds}s`
  return [...server('worker', `${how} check`), ...server('last', `${how} backup`)].join('\n')
}

function bindAddress(listen: Upstream): string {
  if (listen.kind === 'unix') return `unix@${listen.path}`
  return listen.host === '*' ? `:::${listen.port} v4v6` : hostAndPort(listen)
}

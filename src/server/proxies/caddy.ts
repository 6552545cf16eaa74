import { bodyBytesMax } from '../listeners'
import {
  accessNote,
  answerSeconds,
  connectSeconds,
  type Front,
  hostAndPort,
  idleConnectionsMax,
  joinGroupNote,
  keepAliveSeconds,
  type ProxySite,
} from './upstreams'

// Long enough for the service to be started again.
const trySeconds = 10
const tryEveryMs = 20

/** The whole of /etc/caddy/Caddyfile. */
export function caddyFile(front: Front): string {
  const { site, httpsPort, isListenGiven } = front
  const scheme = httpsPort === undefined ? 'http' : 'https'
  const port = isListenGiven ? site.listen.port : (httpsPort ?? site.listen.port)
  return `\
# Made by jumpstarter generate caddy, for Caddy 2.6 or later:
#   jumpstarter generate caddy > /etc/caddy/Caddyfile
#   caddy validate --config /etc/caddy/Caddyfile && systemctl reload caddy
${accessNote(front, joinGroupNote('caddy'))}
${caddySite(site, `${scheme}://${site.serverName ?? ''}:${port}`)}`
}

/** A site for Caddy 2.6 or later; `address` is what it serves, such as `jumpstarter.test`. */
export function caddySite({ upstreams, listen }: ProxySite, address: string): string {
  const to = upstreams
    .map((server) => (server.kind === 'unix' ? `unix/${server.path}` : hostAndPort(server)))
    .join(' ')
  const bind = listen.kind === 'tcp' && listen.host !== '*' ? `    bind ${listen.host}\n` : ''
  return `\
${address} {
${bind}\
    request_body {
        max_size ${bodyBytesMax}
    }

    # Host, X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are what Caddy sends by itself.
    # There is no encode: Jumpstarter compresses, and remembers what it has compressed.
    @reads method GET HEAD
    handle @reads {
        reverse_proxy ${to} {
            lb_policy round_robin
            lb_try_duration ${trySeconds}s
            lb_try_interval ${tryEveryMs}ms
            # What was lost with a worker is asked of another.
            lb_retry_match {
                method GET HEAD
            }
            transport http {
                dial_timeout ${connectSeconds}s
                response_header_timeout ${answerSeconds}s
                compression off
                # Idle connections end before Jumpstarter ends them.
                keepalive ${keepAliveSeconds}s
                keepalive_idle_conns_per_host ${idleConnectionsMax}
            }
        }
    }

    # What must not be sent twice (POST): always on a new connection, which nobody is just closing,
    # and again only when that could not be made.
    handle {
        reverse_proxy ${to} {
            lb_policy round_robin
            lb_try_duration ${trySeconds}s
            lb_try_interval ${tryEveryMs}ms
            transport http {
                dial_timeout ${connectSeconds}s
                response_header_timeout ${answerSeconds}s
                compression off
                keepalive off
            }
        }
    }
}
`.replaceAll('    ', '\t')
}

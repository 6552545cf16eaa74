import { bodyBytesMax } from '../listeners'
import {
  accessNote,
  answerSeconds,
  connectSeconds,
  type Front,
  gateSocket,
  hostAndPort,
  idleConnectionsMax,
  isGated,
  joinGroupNote,
  keepAliveSeconds,
  type ProxySite,
  type Upstream,
} from './upstreams'

const accountNote = `\
${joinGroupNote('www-data')}\
# Debian and Ubuntu have nginx run as www-data; RHEL and the packages of nginx.org as nginx.
`

/** What stands in a file of /etc/nginx/conf.d. */
export function nginxFile(front: Front): string {
  return `\
# Made by jumpstarter generate nginx, for nginx 1.18 or later:
#   jumpstarter generate nginx > /etc/nginx/conf.d/jumpstarter.conf
#   rm -f /etc/nginx/sites-enabled/default && nginx -t && nginx -s reload
${httpsNote(front)}\
${accessNote(front, accountNote)}
${nginxSite(front.site)}`
}

function httpsNote({ site: { serverName }, httpsPort }: Front): string {
  // A certificate is for a name.
  if (httpsPort === undefined || serverName === undefined) return ''
  const port = httpsPort === 443 ? '' : ` --https-port ${httpsPort}`
  return `\
# For https: apt-get install python3-certbot-nginx && certbot --nginx${port} -d ${serverName}
`
}

/** A site for nginx 1.18 or later, as it stands in `http {}`. */
export function nginxSite(site: ProxySite): string {
  const { name, keepAlive = true } = site
  return `\
${upstream(site)}
${keepAlive ? writes(site) : ''}
server {
${listenLines(site.listen)}
    server_name ${site.serverName ?? '_'};

    client_max_body_size ${bodyBytesMax / 1024}k;
    # Jumpstarter compresses, and remembers what it has compressed.
    gzip off;

    proxy_http_version 1.1;
    proxy_set_header Connection "${keepAlive ? '' : 'close'}";
    proxy_set_header Host $http_host;
    # The last of the addresses is the one that nginx has seen itself.
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;

    # Another worker is tried when one cannot be reached. When one dies in the middle, only what can
    # be asked twice is: nginx repeats a POST or PATCH only if told so, and it is not.
    proxy_next_upstream error timeout;
    # A page that takes too long in one worker would in another as well.
    proxy_next_upstream_timeout ${answerSeconds}s;
    proxy_connect_timeout ${connectSeconds}s;
    proxy_read_timeout ${answerSeconds}s;
    proxy_send_timeout ${answerSeconds}s;

    # Answers are gathered for slow readers. Streamed pages ask for the opposite by themselves.
    location / {
        proxy_pass http://${keepAlive ? `$${name}_upstream` : name};
${keepAlive ? '        error_page 502 = @again;\n' : ''}\
    }
${keepAlive ? again(name) : ''}\
}
`
}

function upstream(site: ProxySite): string {
  const { name, keepAlive = true } = site
  return `\
upstream ${name} {
    least_conn;
${servers(site)}
${
  keepAlive
    ? `\
    # Idle connections per nginx worker. They end before Jumpstarter ends them.
    keepalive ${idleConnectionsMax};
    keepalive_timeout ${keepAliveSeconds}s;
    keepalive_requests 100000;
`
    : ''
}}
`
}

function writes(site: ProxySite): string {
  const { name } = site
  return `\
# The same without kept connections, for what must not be sent twice (POST): a new connection is
# never one that is just being closed.
upstream ${name}_once {
    least_conn;
${servers(site)}
${
  isGated(site)
    ? `\
    # Of the Debian package: where requests wait while the service is restarted.
    server unix:${gateSocket} max_fails=0 backup;
`
    : ''
}}

map $request_method $${name}_upstream {
    default ${name}_once;
    GET     ${name};
    HEAD    ${name};
}
`
}

function again(name: string): string {
  return `
    # Many workers share a TCP port: what is lost with one of them has no other upstream to go to.
    # While all are gone, it waits in the place that is kept for that, where there is one.
    location @again {
        if ($request_method !~ "^(GET|HEAD)$") {
            return 502;
        }
        proxy_pass http://${name}_once;
    }
`
}

function servers({ upstreams, checked }: ProxySite): string {
  // Workers are back at once; a host may be gone for long.
  const how = checked ? 'max_fails=2 fail_timeout=5s' : 'max_fails=0'
  return upstreams
    .map((server) => (server.kind === 'unix' ? `unix:${server.path}` : hostAndPort(server)))
    .map((address) => `    server ${address} ${how};`)
    .join('\n')
}

function listenLines(listen: Upstream): string {
  if (listen.kind === 'unix') return `    listen unix:${listen.path};`
  if (listen.host !== '*') return `    listen ${hostAndPort(listen)};`
  return `    listen ${listen.port};\n    listen [::]:${listen.port};`
}

import { chmodSync, existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { CommandError } from '#lib/errors'
import { get } from '../load/http'
import { constantAnswer } from './constant'
import { ourPath, type Peer, type PeerStart } from './peer'
import { startProcesses } from './processes'

// Debian keeps it where only root's PATH looks.
const findNginx = () => Bun.which('nginx') ?? ['/usr/sbin/nginx'].find((path) => existsSync(path))

/** What a web server makes of the page as a file. */
export const nginx: Peer = {
  id: 'nginx',
  title: 'nginx, one static file',
  serves: ['cached-page'],
  path: ourPath,
  prepare: async () => {
    requireNginx()
  },
  start: async (options) => {
    const program = requireNginx()
    const { body, headers, directory, remove } = constantAnswer(options)
    const isGzip = headers['content-encoding'] === 'gzip'
    if (isGzip) await Bun.write(join(directory, 'page.html.gz'), body)
    await Bun.write(join(directory, 'page.html'), isGzip ? gunzipSync(body) : body)
    await Bun.write(join(directory, 'nginx.conf'), configuration(options, headers))
    // The workers may run under an account of their own.
    chmodSync(directory, 0o755)
    return startProcesses({
      title: nginx.title,
      commands: [[program, '-p', directory, '-c', 'nginx.conf', '-e', 'stderr']],
      env: {},
      ready: () => isServing(options.port),
      cleanUp: remove,
    })
  },
}

function requireNginx(): string {
  const found = findNginx()
  if (found) return found
  throw new CommandError('The peer nginx is not installed: apt-get install nginx-light.')
}

async function isServing(port: number): Promise<boolean> {
  const answer = await get({ host: '127.0.0.1', port }, '/').catch(() => undefined)
  return answer?.status === 200
}

/** nginx.conf(5) for one file at every address, with the headers that nginx does not set itself. */
function configuration({ port, workers }: PeerStart, headers: Record<string, string>): string {
  const ofTheFile =
    headers['content-encoding'] === 'gzip'
      ? /^(content-encoding|content-type|etag|last-modified|vary)$/
      : /^(content-type|etag|last-modified)$/
  const added = Object.entries(headers).filter(([name]) => !ofTheFile.test(name))
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  return `
daemon off;
${userInfo().uid === 0 ? 'user root root;' : ''}
worker_processes ${workers};
pid nginx.pid;
error_log stderr;
events {
  worker_connections 4096;
  multi_accept on;
}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  server_tokens off;
  open_file_cache max=100 inactive=1h;
  open_file_cache_valid 1h;
  keepalive_timeout 120s;
  keepalive_requests 1000000000;
  gzip_static on;
  gzip_vary on;
  default_type ${quoted(headers['content-type'] ?? 'text/html; charset=utf-8')};
  server {
    listen 127.0.0.1:${port} reuseport backlog=4096;
    root .;
    location / {
      rewrite ^ /page.html break;
      types {}
${added.map(([name, value]) => `      add_header ${name} ${quoted(value)};`).join('\n')}
    }
  }
}
`
}

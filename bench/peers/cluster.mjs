import cluster from 'node:cluster'

// One process per core, as Node's and Next's documentation have it: `node cluster.mjs MODULE`.

const workers = Number(process.env.WORKERS)

if (cluster.isPrimary) {
  let listening = 0
  cluster.on('listening', () => {
    listening++
    if (listening === workers) process.stdout.write('ready\n')
  })
  cluster.on('exit', () => process.exit(1))
  for (let worker = 0; worker < workers; worker++) cluster.fork()
} else {
  await import(new URL(process.argv[2], import.meta.url))
}

const config = {
  output: 'standalone',
  compress: true,
  poweredByHeader: false,
  // Next compresses what a route handler answers only if the type is known before.
  headers: async () => [
    { source: '/api/:path*', headers: [{ key: 'Content-Type', value: 'application/json' }] },
  ],
  // There is another lockfile above.
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
}

export default config

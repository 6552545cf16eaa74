declare module '*.sql' {
  const text: string
  // Bun gives a file imported as text as the default export.
  // biome-ignore lint/style/noDefaultExport: see above
  export default text
}

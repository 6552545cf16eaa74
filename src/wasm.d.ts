declare module '*.wasm' {
  const path: string
  // Bun gives the path of a file imported as such as the default export.
  // biome-ignore lint/style/noDefaultExport: see above
  export default path
}

// What the page brings along: text, or the path of a file that is also inside the executable.
declare module '*.css' {
  const text: string
  // biome-ignore lint/style/noDefaultExport: Bun gives it so
  export default text
}

declare module '*.woff2' {
  const path: string
  // biome-ignore lint/style/noDefaultExport: Bun gives it so
  export default path
}

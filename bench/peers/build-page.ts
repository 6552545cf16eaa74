import { join, resolve } from 'node:path'
import { loadAssets } from '#assets'

const root = resolve(import.meta.dir, '../..')

/**
 * Our project page as an ES module for peers on Node, so that all send the same markup: the exports
 * of `page/entry.tsx`, and `assets`, the paths of what the page links to. It imports `react` and
 * `marked`. With `serverComponents` it is for a renderer whose components have no context.
 */
export async function buildPage(options: { serverComponents: boolean }): Promise<string> {
  const instead = new Map([['src/web/components/prose.tsx', 'prose.jsx']])
  if (options.serverComponents) instead.set('src/web/site.ts', 'site.jsx')
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, 'page/entry.tsx')],
    target: 'node',
    jsx: { development: false },
    external: ['react', 'react/jsx-runtime', 'marked'],
    plugins: [
      {
        name: 'stand-ins',
        setup(build) {
          for (const [original, standIn] of instead) {
            const path = join(root, original)
            build.onLoad({ filter: new RegExp(`^${RegExp.escape(path)}$`) }, async () => ({
              contents: await Bun.file(join(import.meta.dir, 'page', standIn)).text(),
              loader: 'jsx',
            }))
          }
        },
      },
    ],
  })
  const [page] = built.outputs
  if (!page) throw new AggregateError(built.logs, 'the page could not be bundled')
  const { stylesheet, font } = await loadAssets()
  return `${await page.text()}export const assets = ${JSON.stringify({ stylesheet, font })}\n`
}

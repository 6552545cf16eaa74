/** The colours of one picture, by role. */
export interface Palette {
  /** The field. */
  bg: string
  /** A second field: floors, tables, discs behind the subject. */
  bg2: string
  /** The darkest colour. */
  ink: string
  /** The lightest colour. */
  paper: string
  a: string
  b: string
  c: string
  /** The three accents, for picking and cycling. */
  accents: readonly [string, string, string]
  /** Ink or paper, whichever stands out from the field. */
  line: string
  /** Whether the field is dark. */
  dark: boolean
}

function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

/** The colour `share` (0 to 1) of the way from one colour to another. */
export function mix(from: string, to: string, share: number): string {
  const [r1, g1, b1] = channels(from)
  const [r2, g2, b2] = channels(to)
  const blend = (x: number, y: number): number => Math.round(x + (y - x) * share)
  const value = (blend(r1, r2) << 16) | (blend(g1, g2) << 8) | blend(b1, b2)
  return `#${value.toString(16).padStart(6, '0')}`
}

/** The colour in the shade. Blending with ink would turn yellows olive and whites grey. */
export function shade(color: string, depth = 0.25): string {
  const [r, g, b] = channels(color)
  const [x, y, z] = [r * (1 - depth * 0.6), g * (1 - depth), b * (1 - depth * 0.85)]
  const value = (Math.round(x) << 16) | (Math.round(y) << 8) | Math.round(z)
  return `#${value.toString(16).padStart(6, '0')}`
}

/** How light a colour looks, 0 to 255. */
export function lightness(color: string): number {
  const [r, g, b] = channels(color)
  return 0.3 * r + 0.59 * g + 0.11 * b
}

/** The first colour that stands out clearly from the one behind it. */
export function apart(candidates: readonly string[], behind: string): string {
  const [r1, g1, b1] = channels(behind)
  const found = candidates.find((color) => {
    const [r2, g2, b2] = channels(color)
    const distance = Math.abs(r1 - r2) + Math.abs(g1 - g2) + Math.abs(b1 - b2)
    return distance > 190 && Math.abs(lightness(color) - lightness(behind)) > 28
  })
  return found ?? (lightness(behind) > 128 ? '#241a33' : '#fff6e6')
}

/** A night sky's colour: the field if it is dark already, else a deep one out of the accents. */
export function dusk(p: Palette): string {
  if (p.dark) return p.bg
  const [darkest] = [...p.accents].sort((one, two) => lightness(one) - lightness(two))
  return mix(darkest ?? p.ink, p.ink, 0.3)
}

type Colors = readonly [string, string, string, string, string, string, string]

/** A palette from its colours in the order bg, bg2, ink, paper and the three accents. */
export function palette(colors: Colors): Palette {
  const [bg, bg2, ink, paper, a, b, c] = colors
  const dark = lightness(bg) < 105
  return { bg, bg2, ink, paper, a, b, c, accents: [a, b, c], line: dark ? paper : ink, dark }
}

const daylight: readonly Colors[] = [
  ['#f6e7cb', '#f2c98a', '#1d2b3a', '#fffaf0', '#e4572e', '#17788c', '#f3a712'],
  ['#fbdcd3', '#f7b5a6', '#2b1b3d', '#fff7f2', '#d7263d', '#3a5ba0', '#f6ae2d'],
  ['#d8efe0', '#9fd8c0', '#12343b', '#fbfff8', '#f25c54', '#1f7a6d', '#f7b538'],
  ['#cfe8f5', '#9ccbe6', '#14213d', '#fdfaf3', '#ef5b3f', '#24508f', '#ffb627'],
  ['#ffe9a8', '#ffd15c', '#2a1a4a', '#fffbea', '#e8443a', '#2f6fb5', '#1f9d7a'],
  ['#e5dbf5', '#c5b0ea', '#241546', '#fdf9ff', '#f2545b', '#5b3fa8', '#f5b82e'],
  ['#efe0c9', '#dcbf95', '#162447', '#fffaf1', '#2151c9', '#e2582d', '#e9a820'],
  ['#ffe0c2', '#ffbf8b', '#0f3d3e', '#fff8ee', '#e0523d', '#1c7c6c', '#7b3f8c'],
]

const night: readonly Colors[] = [
  ['#14213d', '#22386b', '#0a1024', '#fdf3dc', '#fca311', '#e5533d', '#5fb3d9'],
  ['#1b1038', '#3a1f6b', '#0d0720', '#fff1e6', '#ff5d73', '#ffb84d', '#6fd6c9'],
  ['#0f3d3e', '#1a6461', '#062325', '#fbf3df', '#f2994a', '#e4572e', '#8fd3b6'],
  ['#3b0f2b', '#6e1c43', '#1f0616', '#ffeedd', '#ff6b4a', '#ffc15e', '#e28fb5'],
  ['#102a54', '#1f4f8f', '#081630', '#f9f4e4', '#ff7a59', '#ffd166', '#7fd1c7'],
  ['#27204d', '#47397d', '#120d2b', '#fff4e4', '#f78c6b', '#f4d06f', '#5ac1c6'],
  ['#17352a', '#2b5d44', '#0a1c15', '#fdf6e0', '#ffb238', '#f0623c', '#a8d58a'],
  ['#4a1414', '#7d2320', '#240707', '#fff0dc', '#f9a03f', '#f4d58d', '#e8604c'],
]

const vivid: readonly Colors[] = [
  ['#e8502f', '#c63a22', '#2a0f1e', '#fff1dc', '#ffc24b', '#163a5f', '#f9ac96'],
  ['#2450c8', '#1a3a99', '#0b1640', '#fff6e6', '#ffc83d', '#ff6f59', '#8fc3ff'],
  ['#f9b233', '#f08f1d', '#2b1942', '#fff8e3', '#d7352d', '#1f5a8a', '#7a2e74'],
  ['#128a6a', '#0c6a55', '#06302b', '#fdf7e4', '#ffc145', '#ff6b5e', '#a6e0c4'],
  ['#d8315b', '#ab1f4b', '#2d0a29', '#fff0ea', '#ffb84c', '#1e3f91', '#ff9eb1'],
  ['#6a3fc1', '#51299f', '#1c0d45', '#fff3ea', '#ffb53b', '#ff6584', '#b79af2'],
  ['#ff8f7a', '#f56b5c', '#2c1245', '#fff4e8', '#ffd75e', '#35348f', '#b92b4f'],
  ['#1fa6b5', '#13808f', '#07303f', '#fff8e6', '#ffd04f', '#f2543d', '#a9e4e3'],
]

const earth: readonly Colors[] = [
  ['#e9d2b0', '#d39f6a', '#3a1d12', '#fff6e6', '#b5462a', '#4f6b3a', '#e8a53a'],
  ['#c8643c', '#a4472a', '#33120d', '#fdeed6', '#f2c063', '#1f4d4f', '#f0a07c'],
  ['#d9dcb5', '#b3bb7c', '#2c3518', '#fdfbea', '#c8502c', '#5d7530', '#e9ab2f'],
  ['#f1d9c0', '#e0a98a', '#3b1f33', '#fff7ee', '#a63d40', '#6b7f3f', '#e9b44c'],
  ['#7a8b45', '#5d6d30', '#20280f', '#fbf4dc', '#f3b544', '#d5502f', '#cfd99a'],
  ['#efc88b', '#e39f4f', '#2f1b2e', '#fff6e3', '#b93a32', '#256d6a', '#7d3c57'],
  ['#2f4a42', '#48695a', '#14211d', '#f8eed8', '#e08e45', '#d5573b', '#e8cf9a'],
  ['#8c3b2e', '#6d2820', '#2b0d0b', '#fdebd0', '#f0b04f', '#e9805a', '#7fb3a0'],
]

const everything = [...daylight, ...night, ...vivid, ...earth]

const families: Record<string, readonly Colors[]> = {
  art: [...daylight, ...vivid, ...earth.slice(3, 6)],
  comics: [...vivid, ...daylight.slice(3, 6), ...night.slice(0, 2)],
  crafts: [...earth, ...daylight.slice(0, 3), ...daylight.slice(6)],
  dance: [...vivid, ...night, ...daylight.slice(1, 2), ...daylight.slice(5, 6)],
  design: [...daylight, ...vivid, ...earth.slice(5, 7)],
  fashion: [...daylight, ...earth.slice(1, 4), ...vivid.slice(4), ...night.slice(2, 4)],
  film: [...night, ...vivid, ...earth.slice(6)],
  food: [...daylight, ...earth, ...vivid.slice(2, 4), ...vivid.slice(6)],
  games: [...daylight, ...vivid, ...night.slice(2, 6)],
  journalism: [...night, ...vivid, ...daylight.slice(0, 2), ...daylight.slice(6)],
  music: [...vivid, ...night, ...earth.slice(5)],
  photography: [...daylight, ...night, ...earth.slice(5)],
  publishing: [...earth, ...daylight, ...night.slice(2, 5)],
  technology: [...night, ...vivid.slice(1, 2), ...vivid.slice(5), ...daylight.slice(3, 6)],
  theater: [...night, ...vivid.slice(0, 1), ...vivid.slice(4, 6), ...earth.slice(7)],
}

const prepared = new Map(
  Object.entries(families).map(([category, colors]) => [category, colors.map(palette)]),
)
const fallback = everything.map(palette)

/** The palettes that suit a category; every palette there is for an unknown one. */
export function palettesFor(category: string): readonly Palette[] {
  return prepared.get(category) ?? fallback
}

/** The same palette with its accents in another order. */
export function withAccents(base: Palette, [a, b, c]: readonly string[]): Palette {
  if (a === undefined || b === undefined || c === undefined) return base
  return { ...base, a, b, c, accents: [a, b, c] }
}

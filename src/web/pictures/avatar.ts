import { apart, lightness, mix, shade } from './palettes.ts'
import { createRandom, mixSeeds, type Random } from './random.ts'
import { circle, ellipse, path, rect, stroke } from './shapes.ts'

const SKINS = ['#fbd9bd', '#f3c19b', '#e3a577', '#c68454', '#a3673d', '#82502f', '#68402a']
const HAIRS = [
  '#1d1a2b',
  '#33211a',
  '#5b3220',
  '#8f4a24',
  '#c8752f',
  '#e8b84f',
  '#b9412e',
  '#efe6da',
]
const BRIGHT_HAIRS = ['#d8436b', '#2f7f8f', '#6a4bc4']
const BACKS = [
  '#f7c548',
  '#f2785c',
  '#7cc6b8',
  '#8fb8f0',
  '#f4a9b8',
  '#c3aef0',
  '#bcd67a',
  '#f6e2bd',
  '#2f5d8c',
  '#1f6f63',
  '#4a3b8f',
  '#c9405a',
]
const CLOTHES = [
  '#e8503a',
  '#23408e',
  '#f3b63a',
  '#15806c',
  '#fff4e2',
  '#7a3b86',
  '#1f2544',
  '#f28ca0',
]

/** The drawing of one head of hair: what lies behind the face, and what lies over it. */
type Hair = (color: string, dark: string) => readonly [string, string]

const hairs: readonly Hair[] = [
  (c) => [
    '',
    path('M20 36C16 12 34 8 44 10C60 10 64 24 60 36C58 28 52 24 44 24C34 26 24 24 20 36z', c),
  ],
  (c, k) => [
    path('M18 36C14 6 66 6 62 36L66 64H14z', k),
    path('M20 38C18 10 62 10 60 38C58 24 46 20 38 20C30 24 22 26 20 38z', c),
  ],
  (c) => [
    circle(40, 9, 9, c),
    path('M20 36C18 10 62 10 60 36C54 24 48 20 40 20C32 20 26 24 20 36z', c),
  ],
  (c) => [
    circle(22, 25, 11, c) +
      circle(30, 15, 11, c) +
      circle(42, 12, 12, c) +
      circle(54, 17, 11, c) +
      circle(60, 28, 10, c),
    path('M22 32C22 18 58 18 58 32C50 24 30 24 22 32z', c),
  ],
  (c, k) => [
    path('M18 34C16 4 64 4 62 34L64 52Q58 58 52 52H28Q22 58 16 52z', k),
    path('M20 34C20 8 60 8 60 34V30H20z', c),
  ],
  (c) => [
    '',
    path('M20 34C18 16 24 10 30 12L34 6L40 11L48 5L50 12C60 12 62 24 60 34L56 24H24z', c),
  ],
  (c) => ['', path('M20 34C20 12 60 12 60 34L57 28C50 22 30 22 23 28z', c)],
  (c, k) => [
    circle(17, 40, 9, k) + circle(63, 40, 9, k),
    path('M20 38C16 8 64 8 60 38C58 26 44 24 40 14C36 24 22 26 20 38z', c),
  ],
  () => ['', ''],
  (c) => [
    circle(40, 28, 27, c),
    path('M22 32C24 22 34 20 40 22C48 18 56 24 58 32C50 27 30 27 22 32z', c),
  ],
  (c, k) => [
    path('M22 24C4 34 14 60 6 70C22 72 26 56 24 40z', k),
    path('M20 38C14 10 62 6 60 36C56 26 50 22 46 18C42 28 24 26 20 38z', c),
  ],
]

function clothes(r: Random, color: string, skin: string): string {
  const body = 'M8 80C8 64 22 60 32 58H48C58 60 72 64 72 80z'
  const extra = apart(CLOTHES.slice(r.int(0, 4)), color)
  const collar = r.pick([
    path('M31 58Q40 70 49 58z', skin),
    path('M30 57L40 68L50 57L55 60L44 76H36L25 60z', extra),
    rect(29, 54, 22, 9, extra, 4),
    path('M31 58L40 74L49 58z', skin),
    `${path('M31 58Q40 66 49 58z', skin)}${stroke('M14 74H66', extra, 5)}`,
    path('M34 58H46L43 80H37z', extra),
  ])
  return path(body, color) + collar
}

function eyes(r: Random, ink: string, glasses: boolean): string {
  const brows = !glasses && r.chance(0.5) ? stroke('M27 31q4 -3 8 0M45 31q4 -3 8 0', ink, 1.8) : ''
  const look = r.pick([
    stroke('M31 38h0M49 38h0', ink, 5),
    stroke('M31 38h0M49 38h0', ink, 5),
    stroke('M27 39q4 -4 8 0M45 39q4 -4 8 0', ink, 2.2),
    ellipse(31, 38, 2.2, 3.2, ink) + ellipse(49, 38, 2.2, 3.2, ink),
  ])
  return look + brows
}

function mouth(r: Random, ink: string): string {
  return r.pick([
    stroke('M33 49Q40 56 47 49', ink, 2.2),
    path('M32 48H48Q46 57 40 57Q34 57 32 48z', '#fff8ee'),
    stroke('M35 51Q40 54 45 51', ink, 2.2),
    path('M33 48Q40 51 47 48Q45 56 40 56Q35 56 33 48z', '#c5394a'),
    stroke('M35 51Q41 54 46 49', ink, 2.2),
  ])
}

function glasses(r: Random, frame: string): string {
  const line = (data: string): string => stroke(data, frame, 2)
  return r.pick([
    line('M24 38a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M42 38a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M38 37h4'),
    line('M23 33h14v9h-14zM43 33h14v9h-14zM37 36h6'),
    path('M22 33H58V38Q56 44 50 44Q44 44 42 37H38Q36 44 30 44Q24 44 22 38z', frame),
  ])
}

function hat(r: Random, color: string): string {
  const dark = shade(color, 0.3)
  return r.pick([
    path('M18 30C16 4 64 4 62 30z', color) + rect(16, 25, 48, 8, dark, 4),
    path('M20 28C20 6 60 6 60 28z', color) + path('M20 28H66Q68 32 62 33H20z', dark),
    ellipse(40, 27, 33, 6, dark) + path('M23 26C22 6 58 6 57 26z', color),
    path('M16 28C14 8 50 0 64 14C68 22 62 26 58 27z', color) + circle(44, 6, 3, dark),
  ])
}

function hairColor(r: Random, skin: string): string {
  if (r.chance(0.1)) return r.pick(BRIGHT_HAIRS)
  // Dark hair is what most people have, however little it stands out from dark skin.
  if (lightness(skin) < 100) return r.pick(['#1d1a2b', '#1d1a2b', '#241714', '#efe6da'])
  return apart(r.shuffle([...HAIRS, ...HAIRS.slice(0, 3)]), skin)
}

/** A person's avatar: a complete square SVG document, always the same for the same id. */
export function avatar(id: number): string {
  const r = createRandom(mixSeeds(0x5eed, id))
  const skin = r.pick(SKINS)
  const hair = hairColor(r, skin)
  const back = apart(r.shuffle(BACKS), hair)
  const cloth = apart(r.shuffle(CLOTHES), back)
  const ink = mix(skin, '#1c1226', 0.86)
  const [behind, over] = r.pick(hairs)(hair, shade(hair, 0.25))
  const head = r.pick([
    'M21 34C21 14 59 14 59 34C60 50 52 61 40 61C28 61 20 50 21 34z',
    'M21 32C21 14 59 14 59 32V44C59 54 50 60 40 60C30 60 21 54 21 44z',
    'M21 33C21 14 59 14 59 33C59 46 50 63 40 63C30 63 21 46 21 33z',
  ])
  const bespectacled = r.chance(0.28)
  const cheeks = r.chance(0.5) ? mix(skin, '#e8505a', 0.35) : ''
  const beard = r.chance(0.16)
    ? path('M21 42C24 50 30 45 40 45C50 45 56 50 59 42C60 58 50 66 40 66C30 66 20 58 21 42z', hair)
    : ''
  const body =
    rect(0, 0, 80, 80, back) +
    (r.chance(0.4) ? circle(40, 42, 36, mix(back, '#ffffff', 0.25)) : '') +
    behind +
    rect(32, 50, 16, 18, shade(skin, 0.22), 6) +
    clothes(r, cloth, shade(skin, 0.12)) +
    stroke('M20 40h0M60 40h0', shade(skin, 0.12), 9) +
    path(head, skin) +
    (cheeks ? stroke('M27 46h0M53 46h0', cheeks, 8) : '') +
    beard +
    eyes(r, ink, bespectacled) +
    stroke('M40 40l-2 5h3', shade(skin, 0.32), 2) +
    mouth(r, beard ? '#fff4e6' : ink) +
    (bespectacled ? glasses(r, apart(r.shuffle(CLOTHES), skin)) : '') +
    over +
    (r.chance(0.16) ? hat(r, apart(r.shuffle(CLOTHES), back)) : '')
  const open = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" stroke-linecap="round">'
  return `${open}${body}</svg>`
}

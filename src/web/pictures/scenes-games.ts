import { card, die, MEEPLE, pawn, SUITS, terrains } from './game-pieces.ts'
import { mix, shade } from './palettes.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  cycle,
  d,
  each,
  field,
  path,
  place,
  polar,
  rays,
  rect,
  regular,
  use,
} from './shapes.ts'

const dice: Scene = (r, p) => {
  const seats = r.pick([
    [320, 50, 130],
    [210, 50, 120, 440, 130, 96],
    [150, 120, 90, 330, 40, 120, 520, 150, 84],
    [120, 70, 76, 260, 160, 88, 410, 50, 92, 550, 170, 70],
  ])
  const colors = r.shuffle([...p.accents, p.paper])
  const shadow = each(seats.length / 3, (i) => {
    const [x = 0, y = 0, s = 0] = seats.slice(i * 3)
    return (
      d`M${x} ${y + s * 2}L${x - s * 0.87} ${y + s * 1.5}` +
      d`L${x - s * 1.9} ${y + s * 2.1}L${x - s} ${y + s * 2.55}z`
    )
  })
  const cubes = each(seats.length / 3, (i) => {
    const [x = 0, y = 0, s = 0] = seats.slice(i * 3)
    return place(x, y + r.int(-10, 10), die(r, p, s, cycle(colors, i)))
  })
  const [w, h] = [80, 46]
  const floor = r.pick([
    path(rays(320, 180, r.int(8, 16), r.int(0, 30)), p.bg2),
    path(
      each(45, (i) => {
        const x = (i % 9) * w + (Math.floor(i / 9) % 2) * (w / 2)
        const y = Math.floor(i / 9) * h * 2
        return d`M${x - w / 2} ${y}l${w / 2} ${-h}l${w / 2} ${h}l${-w / 2} ${h}z`
      }),
      p.bg2,
    ),
    circle(r.int(220, 420), 180, 170, p.bg2),
  ])
  return field(p.bg) + floor + path(shadow, shade(p.bg2, 0.3)) + cubes
}

const hexes: Scene = (r, p, uid) => {
  const s = r.pick([70, 80, 92])
  const w = s * Math.sqrt(3)
  const lands = r.shuffle([...p.accents, p.bg2, mix(p.a, p.paper, 0.4), p.paper])
  const island = r.chance(0.6)
  const spots: [number, number][] = []
  const layers = new Map<string, string>()
  let art = ''
  for (let j = -1; j * s * 1.5 < 400; j++) {
    for (let i = -1; i * w < 700; i++) {
      const x = i * w + (j % 2 ? w / 2 : 0)
      const y = j * s * 1.5 + 6
      if (island && Math.hypot(x - 320, (y - 180) * 1.35) > r.float(215, 300)) continue
      const fill = r.pick(lands)
      layers.set(fill, (layers.get(fill) ?? '') + regular(x, y, 6, s - 3))
      if (r.chance(0.6)) art += use(`${uid}${r.int(0, 4)}`, x, y)
      else spots.push([x, y])
    }
  }
  const land = [...layers].map(([fill, data]) => path(data, fill)).join('')
  const coast = island ? place(0, 10, path([...layers.values()].join(''), shade(p.bg, 0.45))) : ''
  const people = r
    .shuffle(spots)
    .slice(0, r.int(1, 4))
    .map(([x, y], i) =>
      place(
        x,
        y - 6,
        place(4, 5, path(MEEPLE, p.ink)) + path(MEEPLE, cycle([p.paper, p.ink], i)),
        0,
        s / 76,
      ),
    )
  return field(p.bg) + terrains(p, uid) + coast + land + art + people.join('')
}

const cards: Scene = (r, p) => {
  const count = r.int(3, 5)
  const spread = r.int(13, 20)
  const colors = r.shuffle([...p.accents, p.ink])
  const low = r.int(420, 470)
  const fan = each(count, (i) => {
    const angle = (i - (count - 1) / 2) * spread
    const [x, y] = polar(320, low, 262, angle - 90)
    return place(x, y, card(r, p, cycle(colors, i)), angle, 1.02)
  })
  const loose = each(count, (i) => {
    const x = 90 + (i * 460) / (count - 1)
    return place(x, 180 + r.int(-40, 40), card(r, p, cycle(colors, i)), r.int(-28, 28), 0.86)
  })
  const back = r.pick([
    path(rays(320, low, 26), p.bg2),
    circle(320, 200, 190, p.bg2),
    path(
      each(24, (i) => diamondAt(i)),
      p.bg2,
    ),
  ])
  return field(p.bg) + back + (r.chance(0.6) ? fan : loose)
}

function diamondAt(i: number): string {
  const [x, y] = [40 + (i % 6) * 112 + (Math.floor(i / 6) % 2) * 56, 40 + Math.floor(i / 6) * 94]
  return d`M${x} ${y - 24}l18 24l-18 24l-18 -24z`
}

const board: Scene = (r, p) => {
  const n = r.int(4, 6)
  const s = 252 / n
  const [w, h] = [s, s * 0.54]
  const [cx, top] = [320, r.int(46, 58)]
  const at = (i: number, j: number): [number, number] => [cx + (i - j) * w, top + (i + j) * h]
  let dark = ''
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if ((i + j) % 2) continue
      const [x, y] = at(i, j)
      dark += d`M${x} ${y}l${w} ${h}l${-w} ${h}l${-w} ${-h}z`
    }
  }
  const edge = n * w
  const deep = n * h
  const slab =
    d`M${cx - edge} ${top + deep}L${cx} ${top + 2 * deep}` +
    d`L${cx + edge} ${top + deep}v24L${cx} ${top + 2 * deep + 24}L${cx - edge} ${top + deep + 24}z`
  const light =
    d`M${cx} ${top}L${cx + edge} ${top + deep}` +
    d`L${cx} ${top + 2 * deep}L${cx - edge} ${top + deep}z`
  const squares: [number, number][] = []
  for (let k = 0; k < n * n; k++) squares.push([k % n, Math.floor(k / n)])
  const men = r
    .shuffle(squares)
    .slice(0, r.int(4, 7))
    .sort((a, b) => a[0] + a[1] - b[0] - b[1])
  const meeples = r.chance(0.35)
  const figures = men.map(([i, j], k) => {
    const [x, y] = at(i, j)
    const color = cycle([p.b, p.c], k)
    const piece = meeples
      ? place(5, -34, path(MEEPLE, shade(color, 0.4))) + place(0, -36, path(MEEPLE, color))
      : pawn(r.int(0, 3), color)
    return place(x, y + h, piece, 0, s / 70)
  })
  return (
    field(p.bg) +
    circle(r.int(120, 520), r.int(60, 300), r.int(120, 180), p.bg2) +
    path(slab, mix(p.a, p.ink, 0.45)) +
    path(light, p.paper) +
    path(dark, p.a) +
    figures.join('')
  )
}

const crowd: Scene = (r, p, uid) => {
  const columns = r.int(5, 8)
  const w = 640 / columns
  const rows = Math.ceil(360 / w)
  const colors = r.shuffle([...p.accents, p.paper, p.ink])
  const odd = r.int(0, columns * rows - 1)
  const one = r.chance(0.5)
  const at = (i: number): string => {
    const [x, y] = [(i % columns) * w, Math.floor(i / columns) * w]
    const tile =
      (i + Math.floor(i / columns) * (columns % 2 ? 0 : 1)) % 2
        ? rect(x, y, w + 1, w + 1, p.bg2)
        : ''
    const color = one ? (i === odd ? p.a : p.ink) : cycle(colors, i * 2 + Math.floor(i / columns))
    return tile + use(uid, x + w / 2, y + w / 2, ` fill="${color}"`)
  }
  const shape = r.chance(0.7) ? MEEPLE : r.pick(SUITS)
  const size = (w / (shape === MEEPLE ? 104 : 84)).toFixed(2)
  const model = `<defs><path id="${uid}" d="${shape}" transform="scale(${size})"/></defs>`
  return field(p.bg) + model + each(columns * rows, at)
}

/** The compositions of the category games. */
export const gamesScenes: readonly Scene[] = [dice, hexes, cards, board, crowd, dice, hexes, cards]

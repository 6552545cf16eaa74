import { skinTone } from './figures.ts'
import { lightness, mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  cycle,
  d,
  each,
  ellipse,
  faded,
  field,
  ground,
  mirrored,
  path,
  place,
  rays,
  rect,
  ring,
  stroke,
} from './shapes.ts'
import { curtain, setPiece, valance } from './stagecraft.ts'

const stage: Scene = (r, p) => {
  const color = r.pick([p.a, p.a, p.b])
  const local = color === p.b ? { ...p, b: p.c } : p
  const reach = r.int(130, 190)
  const left = curtain(local, color, reach)
  const boards =
    ground(300, shade(p.c, 0.45)) +
    stroke(
      each(9, (i) => d`M${320 + (i - 4) * 60} 300L${320 + (i - 4) * 110} 360`),
      shade(p.c, 0.6),
      3,
    )
  const set = {
    ...p,
    a: color === p.a ? p.c : p.a,
    c: color === p.a ? mix(p.c, p.paper, 0.3) : p.c,
  }
  const wall = r.pick([
    field(p.bg),
    field(p.bg) + circle(320, 170, 170, p.bg2),
    field(p.bg) + path(rays(320, 300, 20), p.bg2),
  ])
  return wall + setPiece(r, set) + boards + left + mirrored(320, left) + valance(r, local, color)
}

function mask(r: Random, p: Palette, color: string, happy: boolean): string {
  const outline = 'M-88 -90C-40 -112 40 -112 88 -90C104 20 70 100 0 124C-70 100 -104 20 -88 -90z'
  const half = 'M0 -106C34 -106 64 -102 88 -90C104 20 70 100 0 124z'
  const eyes = happy
    ? path('M-62 -28Q-40 -62 -14 -30Q-38 -38 -62 -28zM62 -28Q40 -62 14 -30Q38 -38 62 -28z', p.ink)
    : path(
        'M-64 -22Q-44 -40 -14 -48Q-16 -16 -40 -14Q-56 -14 -64 -22' +
          'zM64 -22Q44 -40 14 -48Q16 -16 40 -14Q56 -14 64 -22z',
        p.ink,
      )
  const mouth = happy
    ? path('M-52 22Q0 50 52 22Q40 88 0 90Q-40 88 -52 22z', p.ink)
    : path('M-44 84Q-36 30 0 28Q36 30 44 84Q0 52 -44 84z', p.ink)
  const brow = happy
    ? 'M-66 -58Q-40 -82 -14 -62M66 -58Q40 -82 14 -62'
    : 'M-68 -46L-16 -72M68 -46L16 -72'
  const extra = r.pick([
    circle(-56, 22, 14, shade(color, 0.25)) + circle(56, 22, 14, shade(color, 0.25)),
    path('M-40 6l8 26l-16 0z', p.ink),
    path('M0 -100l12 20l-12 20l-12 -20z', p.ink),
    stroke('M-80 -60H80', shade(color, 0.35), 5),
  ])
  return (
    path(outline, color) +
    path(half, shade(color, 0.16)) +
    extra +
    eyes +
    stroke(brow, p.ink, 7) +
    stroke('M0 -30V8', shade(color, 0.4), 7) +
    mouth
  )
}

const masks: Scene = (r, p) => {
  const count = r.pick([1, 2, 2, 3])
  const colors = r.shuffle([p.paper, p.a, p.b, p.c])
  const back = r.pick([
    path(rays(320, 180, r.int(10, 20), r.int(0, 30)), p.bg2),
    circle(320, 180, 170, p.bg2),
    path('M0 0H320V360H0z', p.bg2),
    each(8, (i) => rect(i * 80, 0, 40, 360, p.bg2)),
  ])
  const ribbons =
    stroke(
      d`M-10 ${r.int(60, 160)}C120 ${r.int(0, 300)} 200 ${r.int(0, 300)} 320 180` +
        d`S520 ${r.int(20, 340)} 650 ${r.int(120, 300)}`,
      p.c,
      22,
    ) +
    stroke(
      d`M-10 ${r.int(200, 300)}C140 ${r.int(60, 330)} 220 ${r.int(60, 330)} 320 190` +
        d`S540 ${r.int(20, 330)} 650 ${r.int(60, 200)}`,
      p.a,
      22,
    )
  const swap = r.chance(0.5)
  const faces = each(count, (i) => {
    const x = 320 + (i - (count - 1) / 2) * (count === 2 ? 200 : 190)
    const y = 180 + (count === 1 ? 0 : i % 2 ? 24 : -24)
    return place(
      x,
      y,
      mask(r, p, cycle(colors, i), (i % 2 === 0) !== swap),
      (count === 1 ? 0 : i * 2 - count + 1) * 9 + r.int(-5, 5),
      count === 1 ? 1.4 : count === 2 ? 1.22 : 0.98,
    )
  })
  return field(p.bg) + back + (r.chance(0.7) ? ribbons : '') + faces
}

function actor(r: Random, p: Palette, color: string): string {
  const skin = skinTone(r)
  const robe = r.pick([
    path('M-22 -120H22L52 0H-52z', color) + path('M4 -120H22L52 0H20z', shade(color, 0.25)),
    path('M-24 -122H24L26 -60H-26z', color) + stroke('M-12 -60V-6M12 -60V-6', p.ink, 17),
    path('M-18 -122H18L14 -76C60 -50 66 -20 70 0H-70C-66 -20 -60 -50 -14 -76z', color) +
      path('M4 -122H18L14 -76C60 -50 66 -20 70 0H30C30 -40 14 -70 4 -80z', shade(color, 0.25)),
  ])
  const arms = r.pick([
    'M-20 -112L-62 -140L-70 -176M20 -112L64 -96L92 -118',
    'M-20 -112L-52 -70L-24 -62M20 -112L60 -140L64 -182',
    'M-20 -112L-66 -100L-98 -120M20 -112L66 -100L98 -120',
  ])
  const headwear = r.pick([
    path('M-20 -164L-22 -190L-10 -176L0 -194L10 -176L22 -190L20 -164z', p.b),
    path('M-17 -156a17 18 0 0 1 34 0q-17 -10 -34 0z', p.ink),
    path('M-24 -160H24L18 -168H-18zM-15 -166L-12 -194H12L15 -166z', p.ink),
    path('M-18 -158Q-10 -190 30 -184Q14 -170 18 -158z', p.a),
  ])
  return (
    stroke(arms, color, 13) +
    robe +
    rect(-6, -132, 12, 14, shade(skin, 0.2)) +
    ellipse(0, -148, 16, 19, skin) +
    headwear
  )
}

const spotlight: Scene = (r, p) => {
  const light = lightness(p.b) > 150 ? p.b : p.paper
  const count = r.int(1, 3)
  const floor = 290
  const colors = r.shuffle([p.paper, p.a, p.b, p.c])
  const lights = each(count, (i) => {
    const x = 320 + (i - (count - 1) / 2) * r.int(170, 190)
    const from = x + (count === 1 ? r.pick([-160, 160, 0]) : (i - (count - 1) / 2) * -160)
    return (
      faded(
        p.dark ? 0.28 : 0.5,
        path(d`M${from - 12} -10L${x - 92} ${floor + 16}H${x + 92}L${from + 12} -10z`, light),
      ) + faded(0.7, ellipse(x, floor + 16, 92, 20, light))
    )
  })
  const people = each(count, (i) => {
    const x = 320 + (i - (count - 1) / 2) * 180
    return place(
      x,
      floor + 18,
      actor(r, p, cycle(colors, i)),
      0,
      count === 1 ? 1.35 : r.float(1.08, 1.22),
    )
  })
  const boards =
    ground(floor - 24, shade(p.bg2, 0.35)) +
    stroke(
      each(5, (i) => d`M0 ${floor - 8 + i * 18}H640`),
      shade(p.bg2, 0.5),
      2,
    )
  const rig = rect(0, 16, 640, 7, p.ink) + each(5, (i) => rect(60 + i * 122, 14, 26, 30, p.ink, 6))
  const color = p.a
  const wings = r.chance(0.6) ? curtain({ ...p, b: p.c }, color, 96) : ''
  return field(p.bg) + boards + lights + people + (wings ? wings + mirrored(320, wings) : rig)
}

const puppets: Scene = (r, p) => {
  const x = 320
  const sky = r.pick([p.paper, mix(p.c, p.paper, 0.5), mix(p.b, p.paper, 0.7)])
  const stripes = each(7, (i) => rect(130 + i * 54.3, 290, 27, 70, p.paper))
  const roof = each(8, (i) =>
    path(d`M${110 + i * 52.5} 74h52.5v22a26.2 24 0 0 1 -52.5 0z`, i % 2 ? p.paper : p.a),
  )
  const head = (at: number, color: string): string => {
    const skin = skinTone(r)
    const crown = r.pick([
      path('M-34 -26L-38 -74L-14 -48L0 -80L14 -48L38 -74L34 -26z', p.b),
      path('M-36 -14C-40 -70 20 -90 56 -84C40 -60 40 -40 36 -14z', p.a),
      path('M-38 4C-50 -60 50 -60 38 4Q0 -40 -38 4z', p.ink),
    ])
    const face =
      circle(0, 0, 36, skin) +
      circle(-12, -4, 4.5, p.ink) +
      circle(12, -4, 4.5, p.ink) +
      circle(0, 8, 8, p.a) +
      stroke('M-13 18Q0 28 13 18', p.ink, 4)
    return place(
      at,
      196,
      path('M-26 20H26L56 110H-56z', color) +
        stroke('M-30 48L-66 20M30 48L66 20', color, 20) +
        face +
        crown,
      r.int(-10, 10),
    )
  }
  const tent =
    rect(118, 96, 404, 264, p.ink) +
    rect(140, 96, 360, 196, sky) +
    circle(r.int(200, 440), 150, 30, p.b) +
    head(x - 84, p.b === sky ? p.a : p.b) +
    head(x + 84, p.c === sky ? p.a : p.c)
  const drapes =
    path('M140 96H220C216 170 190 220 140 250z', p.a) +
    path('M500 96H420C424 170 450 220 500 250z', p.a)
  const top = path('M110 76L320 8L530 76z', p.b) + circle(320, 14, 11, p.a)
  return (
    field(p.bg) +
    r.pick([
      path(rays(320, 180, 14), p.bg2),
      ring(320, 190, 230, p.bg2, 60),
      each(8, (i) => rect(i * 80, 0, 40, 360, p.bg2)),
    ]) +
    tent +
    drapes +
    rect(118, 286, 404, 74, p.a) +
    stripes +
    rect(104, 280, 432, 15, p.b) +
    top +
    roof
  )
}

/** The compositions of the category theater. */
export const theaterScenes: readonly Scene[] = [
  stage,
  stage,
  masks,
  masks,
  spotlight,
  spotlight,
  puppets,
]

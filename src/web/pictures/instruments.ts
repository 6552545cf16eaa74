import { type Palette, shade } from './palettes.ts'
import { circle, each, ellipse, path, rect, ring, stroke } from './shapes.ts'

function guitar(p: Palette, color: string, electric: boolean): string {
  const body = electric
    ? 'M-20 -30C-60 -70 -90 -60 -84 -20C-80 10 -100 40 -96 80C-90 130 -40 140 0 136' +
      'C50 140 96 120 92 70C90 40 70 20 80 -10C90 -50 70 -74 20 -30z'
    : 'M0 -70C50 -70 66 -40 58 -6C54 14 60 24 74 44C104 90 60 140 0 140' +
      'C-60 140 -104 90 -74 44C-60 24 -54 14 -58 -6C-66 -40 -50 -70 0 -70z'
  const middle = electric
    ? path('M-30 0Q-70 60 -20 96L30 60L26 0z', p.paper) +
      rect(-28, 20, 56, 13, p.ink, 4) +
      rect(-28, 54, 56, 13, p.ink, 4) +
      circle(50, 90, 9, p.ink)
    : circle(0, 20, 31, p.ink) + ring(0, 20, 37, p.paper, 4)
  const pegs = 'M-20 -250H20M-20 -232H20M-20 -214H20'
  return (
    stroke(pegs, p.c, 9) +
    path(body, color) +
    path(`${body}`, 'none', ` stroke="${shade(color, 0.35)}" stroke-width="7"`) +
    middle +
    rect(-11, -210, 22, electric ? 230 : 200, p.ink) +
    path('M-15 -262H15L12 -204H-12z', p.ink) +
    stroke('M-5 -250V100M0 -250V100M5 -250V100', p.paper, 1.5) +
    rect(-26, 94, 52, 12, p.ink, 4)
  )
}

function trumpet(p: Palette, color: string): string {
  return (
    stroke('M-190 -10H120M-60 -10C-110 -10 -110 60 -60 60H60C110 60 110 -10 60 -10', color, 17) +
    path('M100 -22C150 -20 180 -50 196 -90V70C180 30 150 0 100 2z', color) +
    ellipse(196, -10, 17, 80, shade(color, 0.35)) +
    stroke('M-26 -50V74M6 -50V74M38 -50V74', shade(color, 0.25), 19) +
    stroke('M-26 -66V-50M6 -66V-50M38 -66V-50', p.line, 8) +
    stroke('M-200 -22V2', p.line, 14)
  )
}

function drums(p: Palette, color: string): string {
  const tom = (x: number, y: number, w: number, h: number): string =>
    rect(x - w / 2, y, w, h, color, 6) +
    rect(x + w * 0.15, y, w * 0.35, h, shade(color, 0.25), 6) +
    ellipse(x, y, w / 2, w * 0.13, p.paper)
  return (
    stroke('M-150 120L-130 -80M150 120L130 -100M-60 0V60M60 0V60', p.line, 6) +
    ellipse(-134, -84, 64, 11, p.c) +
    ellipse(134, -104, 64, 11, p.c) +
    circle(0, 60, 80, color) +
    circle(0, 60, 67, p.paper) +
    path('M0 16L12 48H46L19 68L29 100L0 80L-29 100L-19 68L-46 48H-12z', p.b) +
    tom(-56, -54, 86, 50) +
    tom(56, -54, 86, 50) +
    tom(-132, 50, 80, 56) +
    tom(132, 44, 90, 70)
  )
}

function piano(p: Palette, color: string): string {
  const white = each(13, (i) => `M${-176 + i * 27} 40V100`)
  return (
    path('M-190 -20C-190 -140 -60 -180 30 -110C90 -70 160 -90 190 -40V20H-190z', color) +
    path('M-170 -26C-160 -120 -60 -150 20 -92C80 -50 150 -74 176 -30z', shade(color, 0.35)) +
    rect(-200, 10, 400, 40, color) +
    rect(-182, 44, 364, 46, p.paper) +
    stroke(white, p.ink, 2) +
    stroke(
      'M-150 48V66M-122 48V66M-68 48V66M-41 48V66M-14 48V66M40 48V66M67 48V66M121 48V66M148 48V66',
      p.ink,
      13,
    ) +
    path('M-200 90H200V106H-200z', shade(color, 0.3)) +
    stroke('M-160 106V170M160 106V170', p.line, 12)
  )
}

/** An instrument round the origin, some 400 units across. */
export function instrument(kind: number, p: Palette, color: string): string {
  switch (kind) {
    case 0:
      return guitar(p, color, false)
    case 1:
      return guitar(p, color, true)
    case 2:
      return trumpet(p, color)
    case 3:
      return drums(p, color)
    default:
      return piano(p, color)
  }
}

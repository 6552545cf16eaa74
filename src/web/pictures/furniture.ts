import { mix, type Palette, shade } from './palettes.ts'
import { circle, ellipse, path, rect, stroke } from './shapes.ts'

/** A chair seen from the side, standing on the origin, some 150 units tall. */
export function chair(kind: number, p: Palette, color: string): string {
  const dark = shade(color, 0.3)
  const wood = shade(p.c, 0.35)
  switch (kind) {
    case 0:
      return (
        stroke('M-30 -62L-52 0M26 -62L48 0M-8 -60L-22 0M10 -60L24 0', wood, 7) +
        path(
          'M-72 -150C-80 -80 -60 -58 -30 -56H44C70 -56 78 -74 66 -82' +
            'C40 -92 -20 -70 -40 -100C-50 -120 -48 -150 -72 -150z',
          color,
        ) +
        path(
          'M-60 -84C-50 -58 -40 -56 -30 -56H44C70 -56 78 -74 66 -82C50 -64 -30 -50 -60 -84z',
          dark,
        )
      )
    case 1:
      return (
        stroke('M0 -50V-6M-44 0H44', p.ink, 8) +
        path(
          'M-20 -170C-100 -170 -90 -40 -10 -36H40C80 -40 88 -90 60 -94' +
            'C30 -96 10 -84 6 -100C2 -130 50 -170 -20 -170z',
          color,
        ) +
        path(
          'M-14 -150C-70 -140 -60 -62 0 -60H36C60 -62 66 -84 54 -88' +
            'C20 -84 0 -78 -8 -96C-14 -116 6 -150 -14 -150z',
          dark,
        )
      )
    case 2:
      return (
        stroke('M-66 -158L-40 -70L56 -64M-40 -70V0H60V-64M-40 -100H40V-64', p.line, 6) +
        stroke('M-64 -146L-46 -84', color, 18) +
        stroke('M-34 -68L44 -64', color, 18) +
        stroke('M-36 -102H30', dark, 10)
      )
    case 3:
      return (
        stroke(
          'M-44 -160C-46 -110 -50 -84 -20 -80H50C80 -76 74 -40 40 -30C10 -20 -10 -10 -56 -8H44',
          color,
          20,
        ) + stroke('M40 -30C10 -20 -10 -10 -56 -8H44', dark, 20)
      )
    case 4:
      return (
        stroke('M-50 -160L-40 -82L56 -82L-46 -8H62', color, 16) + stroke('M56 -82L-46 -8', dark, 16)
      )
    case 5:
      return (
        stroke('M-54 -60L-64 0M60 -60L70 0', wood, 9) +
        rect(-84, -96, 34, 58, dark, 14) +
        rect(-70, -150, 138, 96, color, 22) +
        rect(-60, -84, 122, 40, mix(color, p.paper, 0.25), 14) +
        rect(48, -96, 34, 58, dark, 14)
      )
    default:
      return (
        stroke('M-30 -88L-56 0M30 -88L56 0M0 -88V0M-44 -34H44', wood, 8) +
        ellipse(0, -92, 56, 12, dark) +
        ellipse(0, -97, 56, 12, color)
      )
  }
}

/** A lamp standing on the origin, some 260 units tall; its light falls to the left for arcs. */
export function floorLamp(kind: number, p: Palette, color: string): string {
  const shine = mix(p.b, p.paper, 0.6)
  switch (kind) {
    case 0:
      return (
        stroke('M0 0V-170C0 -280 -130 -270 -134 -206', p.line, 6) +
        path('M-178 -168a44 44 0 0 1 88 0z', color) +
        ellipse(-134, -168, 30, 7, shine) +
        rect(-34, -8, 68, 8, p.line, 4)
      )
    case 1:
      return (
        stroke('M0 0V-180', p.line, 6) +
        path('M-34 -250H34L58 -168H-58z', color) +
        path('M0 -250H34L58 -168H0z', shade(color, 0.2)) +
        rect(-32, -8, 64, 8, p.line, 4)
      )
    case 2:
      return (
        stroke('M0 0L36 -110L-40 -196', p.line, 6) +
        circle(36, -110, 9, color) +
        path('M-30 -226L-74 -150L-110 -190L-54 -240z', color) +
        circle(-86, -166, 13, shine) +
        rect(-34, -8, 68, 8, p.line, 4)
      )
    default:
      return (
        path('M-16 0L-8 -150H8L16 0z', shade(color, 0.25)) +
        path('M-84 -140C-84 -230 84 -230 84 -140z', color) +
        path('M0 -208C50 -208 84 -180 84 -140H0z', shade(color, 0.2))
      )
  }
}

/** A lamp hanging from a point high above the origin, where its lower rim is. */
export function pendant(kind: number, p: Palette, color: string): string {
  const cord = stroke('M0 -60V-400', p.line, 3)
  const dark = shade(color, 0.22)
  const bulb = circle(0, -2, 14, mix(p.b, p.paper, 0.6))
  switch (kind) {
    case 0:
      return (
        cord +
        bulb +
        path('M-72 0A72 66 0 0 1 72 0z', color) +
        path('M0 -66A72 66 0 0 1 72 0H0z', dark)
      )
    case 1:
      return cord + bulb + path('M-14 -78H14L66 0H-66z', color) + path('M0 -78H14L66 0H0z', dark)
    case 2:
      return (
        cord +
        bulb +
        path('M-24 -70a24 20 0 0 1 48 0z', dark) +
        path('M-50 -36a50 30 0 0 1 100 0z', color) +
        path('M-80 4a80 38 0 0 1 160 0z', dark) +
        path('M-80 4a80 38 0 0 1 80 -38V4z', color)
      )
    default:
      return cord + circle(0, -34, 40, color) + path('M0 -74a40 40 0 0 1 0 80z', dark)
  }
}

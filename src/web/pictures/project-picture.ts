import { palettesFor, withAccents } from './palettes.ts'
import { createRandom, hashText, mixSeeds } from './random.ts'
import { HEIGHT, type Scene, WIDTH } from './scene.ts'
import { artScenes } from './scenes-art.ts'
import { comicsScenes } from './scenes-comics.ts'
import { craftsScenes } from './scenes-crafts.ts'
import { danceScenes } from './scenes-dance.ts'
import { designScenes } from './scenes-design.ts'
import { fashionScenes } from './scenes-fashion.ts'
import { filmScenes } from './scenes-film.ts'
import { foodScenes } from './scenes-food.ts'
import { gamesScenes } from './scenes-games.ts'
import { genericScenes } from './scenes-generic.ts'
import { journalismScenes } from './scenes-journalism.ts'
import { musicScenes } from './scenes-music.ts'
import { photographyScenes } from './scenes-photography.ts'
import { publishingScenes } from './scenes-publishing.ts'
import { technologyScenes } from './scenes-technology.ts'
import { theaterScenes } from './scenes-theater.ts'

/** Every picture is shorter than this, in bytes: the drawings are plain ASCII. */
const MAX_LENGTH = 5000

const scenes = new Map<string, readonly Scene[]>([
  ['art', artScenes],
  ['comics', comicsScenes],
  ['crafts', craftsScenes],
  ['dance', danceScenes],
  ['design', designScenes],
  ['fashion', fashionScenes],
  ['film', filmScenes],
  ['food', foodScenes],
  ['games', gamesScenes],
  ['journalism', journalismScenes],
  ['music', musicScenes],
  ['photography', photographyScenes],
  ['publishing', publishingScenes],
  ['technology', technologyScenes],
  ['theater', theaterScenes],
])

/** A project's picture: a complete SVG document, always the same for the same category and id. */
export function projectPicture(category: string, id: number): string {
  const seed = mixSeeds(hashText(category), id)
  let picture = draw(category, seed)
  // The most crowded few of the compositions grow too heavy; another seed draws another one.
  for (let attempt = 1; picture.length > MAX_LENGTH && attempt < 50; attempt++) {
    picture = draw(category, mixSeeds(seed, attempt))
  }
  return picture
}

function draw(category: string, seed: number): string {
  const r = createRandom(seed)
  const scene = r.pick(scenes.get(category) ?? genericScenes)
  const base = r.pick(palettesFor(category))
  const palette = withAccents(base, r.shuffle(base.accents))
  const open =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    'preserveAspectRatio="xMidYMid slice" stroke-linecap="round" stroke-linejoin="round">'
  return `${open}${scene(r, palette, `p${seed.toString(36)}`)}</svg>`
}

import { art } from './art'
import { comics } from './comics'
import { crafts } from './crafts'
import { dance } from './dance'
import { design } from './design'
import { fashion } from './fashion'
import { film } from './film'
import { food } from './food'
import { games } from './games'
import { journalism } from './journalism'
import { music } from './music'
import { photography } from './photography'
import { publishing } from './publishing'
import { technology } from './technology'
import { theater } from './theater'
import type { CategoryWords } from './types'

/** The categories in the order readers see them, with the share of projects each draws, in percent. */
export const categories: { words: CategoryWords; share: number }[] = [
  { words: art, share: 9 },
  { words: comics, share: 8 },
  { words: crafts, share: 4 },
  { words: dance, share: 2 },
  { words: design, share: 10 },
  { words: fashion, share: 6 },
  { words: film, share: 12 },
  { words: food, share: 7 },
  { words: games, share: 13 },
  { words: journalism, share: 2 },
  { words: music, share: 11 },
  { words: photography, share: 3 },
  { words: publishing, share: 7 },
  { words: technology, share: 10 },
  { words: theater, share: 3 },
]

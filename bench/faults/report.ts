import { plural } from '#lib/text'
import { count } from '../database/report'
import { markdownTable, textTable } from '../report'
import { verbs } from './history'
import type { Proof } from './run'

const tally = ({ operations }: Proof) =>
  verbs.map((verb) => {
    const own = operations.filter((operation) => operation.verb === verb)
    const of = (wanted: string) => own.filter(({ outcome }) => outcome === wanted).length
    return {
      id: verb,
      operations: own.length,
      sent: own.reduce((sum, { attempts }) => sum + attempts, 0),
      unheard: own.reduce((sum, { unheard }) => sum + unheard, 0),
      ...{ ok: of('ok'), refused: of('refused'), unknown: of('unknown') },
      decided: own.filter(({ isDecided }) => isDecided).length,
    }
  })

/** The rows of the JSON file. */
export const faultsRows = (proof: Proof): object[] => [
  ...tally(proof),
  ...[...proof.happened].map(([{ id }, times]) => ({ id: `fault ${id}`, times })),
  ...[...proof.answers].map(([status, times]) => ({ id: `status ${status}`, times })),
  { id: 'rush', ...proof.rush },
  { id: 'repeats', ...{ keys: proof.repeats.keys, posts: proof.repeats.posts } },
  { id: 'violations', count: proof.violations.length },
]

const headers = ['asked for', 'operations', 'sent', 'unheard', 'done', 'refused', 'decided']
const rowsOf = (proof: Proof) =>
  tally(proof).map(({ id, operations, sent, unheard, ok, refused, decided }) => [
    id,
    ...[operations, sent, unheard, ok, refused, decided].map((value) => count(value)),
  ])

const sentencesOf = (proof: Proof): string[] => {
  const { happened, rush, repeats, looks, checks, violations, seconds, seed } = proof
  const faults = [...happened].map(([{ title }, times]) => `${title}: ${plural(times, 'time')}`)
  return [
    `${plural(seconds, 'second')} of faults, seed ${seed}: ${faults.join('; ')}.`,
    `${count(rush.buyers)} buyers for ${rush.units}, and a worker killed among them: ` +
      `${rush.taken} sold, ${rush.soldOut} told that it is sold out.`,
    `${repeats.keys} pledges, each sent 50 times at once and once more after a crash of the server: ` +
      `${count(repeats.posts)} requests, ${count(repeats.unanswered)} of them unanswered.`,
    `${plural(looks, 'look')} at totals, stock and books meanwhile, and ${checks} checks of ` +
      `jumpstarter verify after it.`,
    violations.length === 0
      ? 'No pledge was lost, doubled, oversold or made up, and all books agree.'
      : `${plural(violations.length, 'violation')}.`,
  ]
}

export const faultsText = (proof: Proof): string =>
  `${textTable(headers, rowsOf(proof))}\n\n${sentencesOf(proof).join('\n')}`

export const faultsMarkdown = (proof: Proof): string =>
  [
    '# Pledges while everything fails',
    'An operation is done once, however often it is sent. Unheard are attempts that may have been ' +
      'done without anybody knowing; they are sent again with their key until it is known. A ' +
      'refusal after such an attempt says nothing, as that may still be on its way: of these it is ' +
      'decided afterwards, by whether the key is stored, which was done.',
    markdownTable(headers, rowsOf(proof)),
    ...sentencesOf(proof),
  ].join('\n\n')

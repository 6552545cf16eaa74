/** What to do, and why; in the order in which it matters. */
export const howToRead: [what: string, why: string][] = [
  [
    'Compare ratios, not absolutes',
    'A core shared with others is now faster and now slower, by a third within minutes here. Both sides ' +
      'of a ratio come from one run on one machine; requests a second of two runs, or of two machines, ' +
      'do not compare. That goes for the figures of 2018 too, which come from other hardware.',
  ],
  [
    'Both sides take turns',
    'TCP, Unix, TCP, Unix: what drifts, such as heat, neighbours or a cache that fills, falls on both. One ' +
      'side measured after the other would credit the later one with the weather.',
  ],
  [
    'Medians, with the least and the most',
    'One bad second does not move a median. Where a bar is drawn from least to most, it holds all ' +
      'rounds; with two or three rounds that is a hint of the spread and no more.',
  ],
  [
    'A confidence interval answers “could it be chance?”',
    'A 95% interval that leaves out 1 would do so by chance in one of twenty comparisons that are really ' +
      'equal. Among a hundred cells expect some such, and trust what neighbouring cells agree on.',
  ],
  [
    'Know the generator’s share',
    'The load generator runs on the same cores. Where it takes 40% of them, the server had the other 60%: a ' +
      'cheap answer is then limited by who asks for it. Processor time for one request does ' +
      'not have the generator in it, and varies less.',
  ],
  [
    'Read errors first',
    'Answers that fail are often the fastest. Requests a second count only those that were right and in ' +
      'time. Where pages are measured under load, step by step, against others, over sockets or on ' +
      'many instances, some of each server’s are compared with the database first.',
  ],
  [
    'Look at the p99 beside the median',
    'On a shared processor the slowest hundredth shows how often the machine was given to somebody else. ' +
      'It says something about a server only where its neighbours in the same run have less.',
  ],
]

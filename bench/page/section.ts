import type { z } from 'zod'
import type { Chart } from '../chart-spec'
import { checked, type Result } from './results'

export interface Table {
  title: string
  headers: string[]
  rows: string[][]
}

export interface Budget {
  what: string
  measured: string
  limit: string
  met: boolean
}

/** Something that others, or we before, did better. */
export interface Shortfall {
  what: string
  measured: string
  /** False where the rounds do not agree, or there was one. */
  sure: boolean
}

/** One of the figures at the top. */
export interface Headline {
  value: string
  unit: string
  what: string
  /** The figure of 2018, or what else it stands beside. */
  beside: string
}

/** What the page says of one bench. */
export interface Section {
  headlines: Headline[]
  charts: Chart[]
  tables: Table[]
  /** Folded, for who wants every row. */
  details: Table[]
  budgets: Budget[]
  /** Why its budgets are not judged; empty where they are. */
  unjudged: string
  shortfalls: Shortfall[]
}

/** What the page knows of a bench before it has a result of it. */
export interface Subject {
  bench: string
  title: string
  /** What is measured, and how. */
  about: string
  /** Makes the result. */
  command: string
  /** Throws a CommandError that names the field of a row it does not know. */
  section(result: Result, path?: string): Section
}

interface SubjectOf<Row> extends Omit<Subject, 'section'> {
  row: z.ZodType<Row>
  section(rows: Row[], result: Result): Partial<Section>
}

const fullScaleProjects = 10_000_000

/** Budgets that are for the scale of 2018: a smaller database does not meet or miss them. */
export const atFullScale = ({ projects }: Result['scale'], budgets: Budget[]) =>
  projects >= fullScaleProjects
    ? { budgets }
    : {
        unjudged:
          `Measured at ${projects.toLocaleString('en-US')} projects, ` +
          `the budget is for ${fullScaleProjects / 1e6} million.`,
      }

/** A subject with its rows checked before they are read. */
export function subject<Row>({ row, section, ...subject }: SubjectOf<Row>): Subject {
  return {
    ...subject,
    section: (result, path = `${subject.bench}.json`) => ({
      ...{ headlines: [], charts: [], tables: [], details: [], budgets: [], shortfalls: [] },
      unjudged: '',
      ...section(
        result.rows.map((each, index) => checked(row, each, `${path}, row ${index + 1}`)),
        result,
      ),
    }),
  }
}

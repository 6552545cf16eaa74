import { type Chart, chartColors, chartInk } from '../chart-spec'
import type { Picture } from './entry'

const variables: [color: string, variable: string][] = [
  ...chartColors.map((color, index): [string, string] => [color, `--series-${index + 1}`]),
  [chartInk.ground, '--surface'],
  [chartInk.ink, '--ink'],
  [chartInk.soft, '--soft'],
  [chartInk.line, '--line'],
]

/** The colours of the chart are those of the page, by day and by night. */
const themed = (svg: string) =>
  variables.reduce(
    (text, [color, variable]) => text.replaceAll(`"${color}"`, `"var(${variable})"`),
    // The typeface as well.
    svg.replaceAll(/font-family:[^;"]*;/g, ''),
  )

export function Figure({ picture: { chart, wide, narrow } }: { picture: Picture }) {
  const { title, subtitle } = chart
  return (
    <figure>
      <figcaption>
        <h3>{title}</h3>
        <p>{subtitle}</p>
        <Legend chart={chart} />
      </figcaption>
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own drawing, words escaped */}
      <div className="wide" dangerouslySetInnerHTML={{ __html: themed(wide) }} />
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own drawing, words escaped */}
      <div className="narrow" dangerouslySetInnerHTML={{ __html: themed(narrow) }} />
    </figure>
  )
}

function Legend({ chart }: { chart: Chart }) {
  const series = 'series' in chart ? chart.series : []
  if (series.length < 2) return null
  return (
    <ul className="legend">
      {series.map(({ name }, index) => (
        <li key={name} className={`series-${seriesIndex(series[index]?.color)}`}>
          {name}
        </li>
      ))}
    </ul>
  )
}

const seriesIndex = (color = '') => (chartColors as readonly string[]).indexOf(color) + 1

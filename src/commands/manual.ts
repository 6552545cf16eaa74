import { type Setting, settings } from '#settings'
import { program } from '#version'
import type { Command } from './command'
import { parseUsage } from './usage-text'

/** The manual page jumpstarter(1), in the man macros, made of what every command says of itself. */
export function manualPage(commands: Readonly<Record<string, Command>>, date: Date): string {
  const day = date.toISOString().slice(0, 10)
  return [
    `.TH JUMPSTARTER 1 ${day} "Jumpstarter ${program.version}" "User Commands"`,
    // Neither filled up to the margin nor hyphenated.
    ...['.ad l', '.nh'],
    ...['.SH NAME', 'jumpstarter \\- a crowdfunding platform in one executable'],
    ...['.SH SYNOPSIS', '.B jumpstarter', '.RI [ command ]', '.RI [ flags ]'],
    ...['.SH DESCRIPTION', prose(introduction)],
    ...['.PP', prose(asTheService), '.PP', '.EX', plain(example), '.EE'],
    '.SH COMMANDS',
    ...Object.entries(commands).flatMap(([name, command]) => section(name, command)),
    ...['.SH ENVIRONMENT', prose('A flag wins. NAME_FILE reads the setting NAME from a file.')],
    ...Object.entries<Setting>(settings).flatMap(([name, setting]) => variable(name, setting)),
    '.SH FILES',
    ...files.flatMap(([path, what]) => ['.TP', `.I ${plain(path)}`, prose(what)]),
    '.SH EXIT STATUS',
    prose(exitStatus),
  ].join('\n')
}

const introduction =
  'A web server with one process per core, its own PostgreSQL inside, and pages that work without ' +
  'JavaScript. Without a command it serves.'

const asTheService =
  'The service of the Debian package reads its settings from a file. A command gets the same ' +
  'settings, and the rights to the same data, when it is run like this:'

const example =
  "runuser -u jumpstarter -- sh -c \\\n    'set -a; . /etc/jumpstarter/jumpstarter.env; exec jumpstarter doctor'"

const files = [
  ['/etc/jumpstarter/jumpstarter.env', 'the settings of the service, one NAME=value a line'],
  ['/var/lib/jumpstarter', 'the data of its embedded Postgres'],
  ['/var/cache/jumpstarter', 'where the embedded Postgres is unpacked; may be deleted'],
] as const

const exitStatus =
  '0 when it is done, 1 when it could not be or something is wrong, 2 when it was asked for in a ' +
  'wrong way, 70 for a fault of the program itself.'

function section(name: string, { summary, usage }: Command): string[] {
  const { synopsis, blocks } = parseUsage(usage)
  return [
    `.SS ${plain(name)} \\- ${plain(summary)}`,
    synopsis.map((call) => `\\fBjumpstarter\\fR ${plain(call)}`).join('\n.br\n'),
    ...blocks.flatMap((block) =>
      typeof block === 'string'
        ? ['.PP', prose(block)]
        : block.flatMap(({ term, text }) => ['.TP', `.B ${plain(term)}`, prose(text)]),
    ),
  ]
}

function variable(name: string, { meaning, usual, fallback }: Setting): string[] {
  return ['.TP', `.B ${name}`, prose(`${meaning} Default: ${usual ?? fallback ?? 'none'}.`)]
}

/** What a reader may have to copy keeps its hyphens; no line begins as a request. */
const plain = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '...')

/** A paragraph of our texts, where code stands between backquotes. */
const prose = (text: string) => plain(text).replaceAll(/`([^`]*)`/g, '\\fB$1\\fR')

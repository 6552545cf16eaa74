import { type Setting, settings } from '#settings'
import { program } from '#version'
import type { Command } from './command'
import { parseUsage } from './usage-text'

/** The manual page jumpstarter(1) in the man macros, made of what every command says of itself. */
export function manualPage(commands: Readonly<Record<string, Command>>, date: Date): string {
  const title = `.TH JUMPSTARTER 1 ${date.toISOString().slice(0, 10)} "Jumpstarter ${program.version}"`
  return [
    title,
    ...['.SH NAME', 'jumpstarter \\- a crowdfunding platform in one executable'],
    ...['.SH SYNOPSIS', '.B jumpstarter', '.RI [ command ]', '.RI [ flags ]'],
    '.SH DESCRIPTION',
    ...introduction.map(prose).join('\n.PP\n').split('\n'),
    '.SH COMMANDS',
    ...Object.entries(commands).flatMap(([name, command]) => section(name, command)),
    '.SH ENVIRONMENT',
    prose('A flag wins over the environment. NAME_FILE reads the setting NAME from a file.'),
    ...Object.entries<Setting>(settings).flatMap(([name, setting]) => variable(name, setting)),
    '.SH FILES',
    ...files.flatMap(([path, what]) => ['.TP', `.I ${escape(path)}`, prose(what)]),
    '.SH EXIT STATUS',
    prose(
      '0 when it is done, 1 when it could not be or something is wrong, 2 when it was asked in ' +
        'a wrong way, 70 for a fault of the program itself.',
    ),
  ].join('\n')
}

const introduction = [
  'A web server with one process per core, its own PostgreSQL inside, and pages that work without ' +
    'JavaScript. Without a command it serves.',
  'As a service of systemd it reads /etc/jumpstarter/jumpstarter.env. To give a command the same ' +
    'settings, run it as the account of the service:',
]

const files = [
  ['/etc/jumpstarter/jumpstarter.env', 'the settings of the service, one NAME=value a line'],
  ['/var/lib/jumpstarter', 'the data of the embedded Postgres'],
  ['/var/cache/jumpstarter', 'where the embedded Postgres is unpacked; may be deleted'],
] as const

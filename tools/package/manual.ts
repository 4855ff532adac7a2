/** The manual page, of the same commands that the program has. */
import type { Command, Option } from 'commander';

/** mooring(1) in the man macros. `date` as `2026-11-27`. */
export function manualPage(program: Command, version: string, date: string): string {
  const lines = [
    `.TH MOORING 1 "${date}" "mooring ${version}" "User Commands"`,
    '.SH NAME',
    `mooring \\- ${toRoff(program.description())}`,
    '.SH SYNOPSIS',
    '.B mooring',
    '.I command',
    '[\\fIoption\\fR ...]',
    '.SH COMMANDS',
    ...leaves(program).flatMap(describeCommand),
    '.SH FILES',
    ...FILES.flatMap(([path, about]) => ['.TP', `.I ${toRoff(path)}`, toRoff(about)]),
    '.SH SEE ALSO',
    'The guides for operators in /usr/share/doc/mooring, in particular operating.md and configuration\\-reference.md.',
  ];
  return `${lines.join('\n')}\n`;
}

const FILES = [
  [
    '/etc/mooring/startup-config',
    'the configuration of mooring.service; mooring@NAME.service has /etc/mooring/NAME.cfg',
  ],
  ['/run/mooring/mooring.sock', 'the control socket'],
  ['/var/lib/mooring', 'bindings and sessions, kept over restarts'],
  ['/var/cache/mooring', 'compiled code; may be removed'],
] as const;

/** A command without commands below it. */
export interface Leaf {
  /** As \`store check\`. */
  readonly words: readonly string[];
  readonly command: Command;
}

export function leaves(parent: Command, words: readonly string[] = []): Leaf[] {
  return parent.commands.flatMap((command) => {
    const own = [...words, command.name()];
    return command.commands.length > 0 ? leaves(command, own) : [{ words: own, command }];
  });
}

function describeCommand({ words, command }: Leaf): string[] {
  const usage = command.usage();
  return [
    '.TP',
    `.B mooring ${toRoff(words.join(' '))} ${toRoff(usage)}`,
    `${toRoff(command.description())}.`,
    ...command.options.filter(({ hidden }) => !hidden).flatMap(describeOption),
  ];
}

function describeOption({ flags, description }: Option): string[] {
  return ['.RS', '.TP', `.B ${toRoff(flags)}`, toRoff(description), '.RE'];
}

/** Hyphens that are typed are minus signs in roff, and a line must not begin with a dot or a quote. */
function toRoff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
    .replaceAll('\n', ' ');
}

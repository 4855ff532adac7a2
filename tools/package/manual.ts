/** The manual page and the shell completion, of the same commands that the program has. */
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

/** For bash: commands, options, and the values of those that have a fixed choice. */
export function bashCompletion(program: Command): string {
  const cases = leaves(program).map(({ words, command }) => {
    const options = command.options.flatMap(({ long, short }) => [long, short].filter((name) => name !== undefined));
    const choices = command.options.flatMap(({ long, argChoices }) =>
      long !== undefined && argChoices !== undefined
        ? [`      ${long}) COMPREPLY=($(compgen -W '${argChoices.join(' ')}' -- "$word")); return ;;`]
        : [],
    );
    const byPrevious =
      choices.length === 0 ? [] : ['      case $previous in', ...choices.map((line) => `  ${line}`), '      esac'];
    return [`    '${words.join(' ')}')`, ...byPrevious, `      options='${options.join(' ')}' ;;`].join('\n');
  });
  const groups = program.commands.filter(({ commands }) => commands.length > 0);
  return `# Completion of mooring(1) for bash.
_mooring() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} options= command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${program.commands.map((one) => one.name()).join(' ')}' -- "$word"))
    return
  fi
  case $command in
${groups
  .map(
    (group) => `    ${group.name()})
      if [ "$COMP_CWORD" -eq 2 ]; then
        COMPREPLY=($(compgen -W '${group.commands.map((one) => one.name()).join(' ')}' -- "$word"))
        return
      fi
      command="$command \${COMP_WORDS[2]}" ;;`,
  )
  .join('\n')}
  esac
  case $command in
${cases.join('\n')}
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _mooring mooring
`;
}

interface Leaf {
  /** As \`store check\`. */
  readonly words: readonly string[];
  readonly command: Command;
}

function leaves(parent: Command, words: readonly string[] = []): Leaf[] {
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

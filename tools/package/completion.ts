/** Completion for bash, zsh and fish: of the same commands that the program has, and of the words of its `show` commands. */
import type { Command, Option } from 'commander';
import { help, type Table } from '#config/index.ts';
import { type Leaf, leaves } from './manual.ts';

/** A word that may stand somewhere, and what it means. */
export interface Offer {
  /** The words before it, as an extended regular expression. */
  readonly after: string;
  readonly word: string;
  readonly help: string;
}

/** Each shell with its script, and where a system has it below /usr. */
export const COMPLETIONS = [
  { shell: 'bash', path: 'share/bash-completion/completions/mooring', script: bashCompletion },
  { shell: 'zsh', path: 'share/zsh/vendor-completions/_mooring', script: zshCompletion },
  { shell: 'fish', path: 'share/fish/vendor_completions.d/mooring.fish', script: fishCompletion },
] as const;

const ANY_WORDS = '( [^ ]+)*';
const ONE_WORD = '[^ ]+';
/** One of each kind of argument that EXEC mode has. */
const SAMPLES = ['NAME', '1', '192.0.2.1', '2001:db8::1', '0200.5e00.5301', 'GigabitEthernet0/1'];

/** Everything that may be written after `mooring`. */
export function offersOf(program: Command, table: Table): Offer[] {
  const commands = program.commands.map((one) => ({ after: '', word: one.name(), help: one.description() }));
  const below = program.commands.flatMap((group) =>
    group.commands.map((one) => ({ after: group.name(), word: one.name(), help: one.description() })),
  );
  return [...commands, ...below, ...leaves(program).flatMap(optionsOf), ...wordsAfter('show', table)];
}

function optionsOf({ words, command }: Leaf): Offer[] {
  const after = `${words.join(' ')}${ANY_WORDS}`;
  return command.options.filter(({ hidden }) => !hidden).flatMap((option) => offersOfOption(option, after));
}

function offersOfOption({ long, short, argChoices, description }: Option, after: string): Offer[] {
  const names = [long, short].filter((name) => name !== undefined);
  const values = (argChoices ?? []).map((word) => ({ after: `${after} ${long}`, word, help: description }));
  return [...names.map((word) => ({ after, word, help: description })), ...values];
}

/** The words of EXEC mode that may follow `line`, and those that may follow them. An option of the program may stand in between. */
function wordsAfter(line: string, table: Table, after = `${line}${OPTIONS_BETWEEN}`): Offer[] {
  const all = help(`${line} `, table).filter(({ word }) => word !== '<cr>' && !OF_THE_SHELL.test(`${line} ${word}`));
  return all.flatMap(({ word, help: text }) => {
    if (isKeyword(`${line} ${word}`, table))
      return [{ after, word, help: text }, ...wordsAfter(`${line} ${word}`, table, `${after} ${literally(word)}`)];
    const sample = SAMPLES.find((one) => help(`${line} ${one} `, table).length > 0);
    return sample === undefined ? [] : wordsAfter(`${line} ${sample}`, table, `${after} ${ONE_WORD}`);
  });
}

const OPTIONS_BETWEEN = '( --json| --control [^ ]+)*';

/** What only "mooring shell" can answer. */
const OF_THE_SHELL = /^show (history|monitor capture \S+ buffer)/;

/** Labels of arguments are not understood as words. */
function isKeyword(line: string, table: Table): boolean {
  return /^[a-z0-9-]+$/.test(line.slice(line.lastIndexOf(' ') + 1)) && help(`${line} `, table).length > 0;
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Lines of expression, word and meaning; neither of the first two has the character between them. */
function linesOf(offers: readonly Offer[]): string {
  return offers.map(({ after, word, help: text }) => [after, word, text.replaceAll("'", '’')].join(';')).join('\n');
}

export function bashCompletion(offers: readonly Offer[]): string {
  return `# Completion of mooring(1) for bash.
_mooring_offers='${linesOf(offers)}'
_mooring() {
  local word=\${COMP_WORDS[COMP_CWORD]} before="\${COMP_WORDS[*]:1:COMP_CWORD-1}" after offer text
  COMPREPLY=()
  while IFS=';' read -r after offer text; do
    [[ $offer == "$word"* && ( $offer != -* || $word == -* ) && $before =~ ^$after$ ]] && COMPREPLY+=("$offer")
  done <<<"$_mooring_offers"
  [[ \${#COMPREPLY[@]} -eq 0 && $before != show* ]] && COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _mooring mooring
`;
}

export function zshCompletion(offers: readonly Offer[]): string {
  return `#compdef mooring
# Completion of mooring(1) for zsh.
_mooring_offers='${linesOf(offers)}'
_mooring() {
  local word=\${words[CURRENT]} before="\${(j: :)words[2,CURRENT-1]}" after offer text
  local -a found
  while IFS=';' read -r after offer text; do
    [[ $offer == "$word"* && ( $offer != -* || $word == -* ) && $before =~ "^$after$" ]] && found+=("\${offer//:/\\\\:}:$text")
  done <<<"$_mooring_offers"
  if (( $#found )); then _describe mooring found
  elif [[ $before != show* ]]; then _files
  fi
}
(( $+functions[compdef] )) && compdef _mooring mooring
`;
}

export function fishCompletion(offers: readonly Offer[]): string {
  return `# Completion of mooring(1) for fish.
set -g __mooring_offers '${linesOf(offers).replaceAll('\\', '\\\\')}'
function __mooring_complete
  set -l word (commandline -ct)
  set -l before (string join -- ' ' (commandline -opc)[2..])
  set -l found 0
  for line in (string split \\n $__mooring_offers)
    set -l parts (string split -m 2 ';' $line)
    string match -q -- "$word*" $parts[2]; or continue
    string match -q -- '-*' $parts[2]; and not string match -q -- '-*' $word; and continue
    string match -qr -- "^$parts[1]\\$" "$before"; or continue
    printf '%s\\t%s\\n' $parts[2] $parts[3]
    set found 1
  end
  test $found = 0; and not string match -q 'show*' "$before"; and __fish_complete_path $word
end
complete -c mooring -f -a '(__mooring_complete)'
`;
}

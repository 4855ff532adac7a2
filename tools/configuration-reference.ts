/** Writes docs/configuration-reference.md from the table of commands: `node tools/configuration-reference.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyCommand, Syntax } from '#config/command.ts';
import { type Mode, modes } from '#config/modes.ts';
import { hasNoEffectYet } from '#config/no-effect-yet.ts';

export const REFERENCE = fileURLToPath(new URL('../docs/configuration-reference.md', import.meta.url));

/** The reference as it is to be. */
export function configurationReference(): string {
  return `# Configuration reference

Every command, by the mode in which it is written. This file is made from the table of commands by \`node tools/configuration-reference.ts\`.

Words stand as they are written; capitals and angle brackets say what the operator chooses, \`{a | b}\` is one of these, and what is in square brackets may be left out. \`no\` before a
command takes it back. In \`mooring shell\`, \`?\` says what each word means.

${modes.map(ofMode).join('\n')}`;
}

function ofMode(mode: Mode): string {
  const opener = modes.flatMap(({ commands }) => commands).find(({ section }) => section?.opens === mode.name);
  const place = opener ? `Below \`${written(opener.syntax)}\`.` : 'At the beginning of a line of its own.';
  const rows = mode.commands.map((command) => ofCommand(mode, command));
  return `## ${mode.name}\n\n${place} Prompt: \`(${mode.prompt})#\`\n\n| command | what it does | default |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function ofCommand(mode: Mode, command: AnyCommand): string {
  const effect = hasNoEffectYet(mode.name, command) ? ' (kept, without effect yet)' : '';
  const cells = [`\`${written(command.syntax)}\``, `${command.help}${effect}`, command.default ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function written(syntax: Syntax): string {
  const words = syntax.map((part) => {
    if (typeof part === 'string') return part;
    if ('optional' in part) return `[${written(part.optional)}]`;
    return part.label.includes(' | ') ? `{${part.label}}` : part.label;
  });
  return words.join(' ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(REFERENCE, configurationReference());

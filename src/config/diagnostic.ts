import type { Complaint } from './command.ts';
import { concealSecrets, stars } from './conceal.ts';
import type { Fault } from './fault.ts';
import type { Origin } from './origins.ts';
import { quoted } from './words.ts';

/** Something wrong or doubtful in a configuration text, and where. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** Characters to mark; at least 1. */
  readonly length: number;
  readonly message: string;
  /** In which way the line is no command; absent when it is one, and is refused or doubted for what it says. */
  readonly fault?: Fault;
  /** What could have stood there. */
  readonly expected?: readonly string[];
  /** The line names something that is not defined; a strict check takes that for an error. */
  readonly undefinedReference?: true;
}

const EXPECTED_SHOWN = 12;
/** Columns of a long line that are shown, and how many of them at most stand before the offending word. */
const SOURCE_WIDTH = 160;
const SOURCE_BEFORE = 100;

/**
 * `file:line:column: severity: message`, the line, and a caret under the offending word. Secrets are stars: this is printed and logged.
 */
export function formatDiagnostic(diagnostic: Diagnostic, text: string, fileName: string): string {
  const { line, column, severity, message, expected } = diagnostic;
  const whole = printable(shown(diagnostic, text.split(/\r?\n/)[line - 1] ?? ''));
  const cut = Math.max(0, column - 1 - SOURCE_BEFORE);
  const source = whole.slice(cut, cut + SOURCE_WIDTH);
  const before = column - 1 - cut;
  const pad = source.slice(0, before).replace(/[^\t]/g, ' ').padEnd(before);
  const mark = `^${'~'.repeat(Math.max(0, Math.min(diagnostic.length, source.length - before) - 1))}`;
  const lines = [`${fileName}:${line}:${column}: ${severity}: ${printable(message)}`, `  ${source}`, `  ${pad}${mark}`];
  if (expected && expected.length > 0) lines.push(`  expected: ${listed(expected)}`);
  return lines.join('\n');
}

/** Places a complaint at the argument that it is about. A message that begins with a verb gets the argument's text as its subject. */
export function diagnose(
  severity: Diagnostic['severity'],
  complaint: Complaint,
  origin: Origin = { number: 1, line: '', spans: [] },
): Diagnostic {
  const { number, line, spans } = origin;
  const argument = complaint.argument === undefined ? undefined : spans[complaint.argument];
  const { start, end } = argument ?? { start: Math.max(0, line.search(/\S/)), end: line.trimEnd().length };
  const subject =
    argument && /^(is|cannot|has|does) /.test(complaint.message) ? `${quoted(line.slice(start, end))} ` : '';
  return {
    severity,
    line: number,
    column: start + 1,
    length: Math.max(1, end - start),
    message: subject + complaint.message,
    ...(complaint.undefinedReference && { undefinedReference: true }),
  };
}

function shown({ message, column, length }: Diagnostic, line: string): string {
  const concealed = concealSecrets(line);
  const end = column - 1 + length;
  return SECRET_MEANT.test(message) ? concealed.slice(0, end) + stars(concealed.slice(end)) : concealed;
}

/** Of the hint at a word that was mistyped. */
const SECRET_MEANT = /did you mean "(?:server-key|key|secret)"/;

/** A finding whose message does not repeat what is secret in its line. */
export function concealInMessage(diagnostic: Diagnostic, line: string): Diagnostic {
  const { column, length, message } = diagnostic;
  const [said, shown] = [line, concealSecrets(line)].map((text) => text.slice(column - 1, column - 1 + length));
  if (said === undefined || said === shown) return diagnostic;
  return { ...diagnostic, message: message.replaceAll(quoted(said), quoted('*')) };
}

function listed(expected: readonly string[]): string {
  const shown = expected.slice(0, EXPECTED_SHOWN).join(', ');
  const rest = expected.length - EXPECTED_SHOWN;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** Control characters of a hostile file must not reach the terminal. */
function printable(source: string): string {
  return source.replace(/[^\P{Cc}\t]/gu, '\u{fffd}');
}

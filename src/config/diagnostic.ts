import type { Complaint } from './command.ts';
import type { Origin } from './origins.ts';

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
  /** What could have stood there. */
  readonly expected?: readonly string[];
}

const EXPECTED_SHOWN = 12;

/** `file:line:column: severity: message`, the line, and a caret under the offending word. */
export function formatDiagnostic(diagnostic: Diagnostic, text: string, fileName: string): string {
  const { line, column, severity, message, expected } = diagnostic;
  const source = printable(text.split(/\r?\n/)[line - 1] ?? '');
  const pad = source
    .slice(0, column - 1)
    .replace(/[^\t]/g, ' ')
    .padEnd(column - 1);
  const mark = `^${'~'.repeat(Math.max(0, Math.min(diagnostic.length, source.length - column + 1) - 1))}`;
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
  const subject = argument && /^(is|cannot|has|does) /.test(complaint.message) ? `"${line.slice(start, end)}" ` : '';
  return {
    severity,
    line: number,
    column: start + 1,
    length: Math.max(1, end - start),
    message: subject + complaint.message,
  };
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

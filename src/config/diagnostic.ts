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
  const pad = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const mark = `^${'~'.repeat(Math.max(0, Math.min(diagnostic.length, source.length - column + 1) - 1))}`;
  const lines = [`${fileName}:${line}:${column}: ${severity}: ${message}`, `  ${source}`, `  ${pad}${mark}`];
  if (expected && expected.length > 0) lines.push(`  expected: ${listed(expected)}`);
  return lines.join('\n');
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

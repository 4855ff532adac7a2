import { concealInMessage, type Diagnostic } from './diagnostic.ts';
import type { Configuration } from './model.ts';
import { Reader } from './reader.ts';
import { review } from './review.ts';

export interface ParsedConfiguration {
  readonly configuration: Configuration;
  /** What is wrong (error) or doubtful (warning) in the text, by line. */
  readonly diagnostics: Diagnostic[];
}

const ERROR_LIMIT = 100;

/** Reads a configuration text. Never throws; a line that is wrong has no effect, and the others still count. */
export function parseConfiguration(text: string): ParsedConfiguration {
  const reader = new Reader();
  const errors = reader.errors;
  const lines = text.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    reader.readLine(line, index + 1);
    if (errors.length < ERROR_LIMIT) continue;
    errors.push({
      severity: 'error',
      line: index + 1,
      column: 1,
      length: 1,
      message: 'too many errors; reading stops',
    });
    break;
  }
  reader.end();
  const found = [...errors, ...review(reader.configuration, reader.origins)];
  const diagnostics = found
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map((diagnostic) => concealInMessage(diagnostic, lines[diagnostic.line - 1] ?? ''));
  return { configuration: reader.configuration, diagnostics };
}

import { concealInMessage, type Diagnostic } from './diagnostic.ts';
import type { Configuration } from './model.ts';
import { Reader } from './reader.ts';
import { review } from './review.ts';

export interface ParsedConfiguration {
  readonly configuration: Configuration;
  /** What is wrong (error) or doubtful (warning) in the text, by line. */
  readonly diagnostics: Diagnostic[];
  /** Errors that keep the configuration from being run, such as an LMA without an address; the text itself is right. */
  readonly obstacles: Diagnostic[];
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
  const { warnings, obstacles } = review(reader.configuration, reader.origins);
  const concealed = (found: readonly Diagnostic[]) =>
    found.map((diagnostic) => concealInMessage(diagnostic, lines[diagnostic.line - 1] ?? ''));
  const diagnostics = [...errors, ...warnings].sort((a, b) => a.line - b.line || a.column - b.column);
  return { configuration: reader.configuration, diagnostics: concealed(diagnostics), obstacles: concealed(obstacles) };
}

import type { Diagnostic } from '#config/index.ts';

/** In which way a line is no command, where, and what should have stood there. */
export interface Fault {
  readonly kind: NonNullable<Diagnostic['fault']>;
  /** Of the word that is wrong, from 0 in the line. */
  readonly start: number;
  readonly message: string;
  readonly expected: readonly string[];
}

/** The fault of a configuration line; `undefined` when it has the form of a command. */
export function faultOf({ fault, column, message, expected = [] }: Diagnostic): Fault | undefined {
  return fault && { kind: fault, start: column - 1, message, expected };
}

/**
 * What IOS prints below a line that it does not take. `offset` is where the line begins on the terminal: the width of the prompt. What
 * was expected instead, which IOS does not say, stands on a line of its own.
 */
export function iosError({ kind, start, message, expected }: Fault, line: string, offset: number): string {
  switch (kind) {
    case 'incomplete':
      return '% Incomplete command.\n';
    case 'ambiguous':
      return `% Ambiguous command:  "${line.trim()}"\n`;
    case 'unknown':
      return invalidInput(start + offset);
    case 'bad-argument':
      return `${invalidInput(start + offset)}% ${message}${expectation(expected)}\n`;
  }
}

function invalidInput(column: number): string {
  return `${' '.repeat(column)}^\n% Invalid input detected at '^' marker.\n\n`;
}

function expectation(expected: readonly string[]): string {
  return expected.length > 0 ? `; expected: ${expected.join(', ')}` : '';
}

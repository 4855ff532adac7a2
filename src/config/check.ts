import { type Diagnostic, formatDiagnostic } from './diagnostic.ts';
import { parseConfiguration } from './parse.ts';

export interface CheckReport {
  /** What to show the operator: every finding with its line, then a summary. */
  readonly text: string;
  readonly errors: number;
  readonly warnings: number;
}

export interface CheckOptions {
  /** Takes a reference to something that is not defined for an error. */
  readonly strict?: boolean;
}

/** What `mooring check FILE` says of a configuration text. */
export function checkConfiguration(text: string, fileName: string, { strict = false }: CheckOptions = {}): CheckReport {
  const { diagnostics } = parseConfiguration(text);
  const findings = diagnostics.map(
    (finding): Diagnostic => (strict && finding.undefinedReference ? { ...finding, severity: 'error' } : finding),
  );
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const warnings = findings.length - errors;
  const summary = `${fileName}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  const blocks = findings.map((finding) => formatDiagnostic(finding, text, fileName));
  return { text: `${[...blocks, summary].join('\n')}\n`, errors, warnings };
}

function counted(count: number, noun: string): string {
  return `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
}

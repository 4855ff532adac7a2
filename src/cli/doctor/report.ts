import { checks } from './checks.ts';
import type { Finding, Patient, Severity } from './finding.ts';

/** Of `mooring doctor --json`. */
export interface DoctorReport {
  readonly findings: readonly ({ readonly check: string } & Finding)[];
  readonly errors: number;
  readonly warnings: number;
}

export async function examine(patient: Patient): Promise<DoctorReport> {
  const findings: ({ check: string } & Finding)[] = [];
  for (const { name, examine: look } of checks) {
    for (const finding of await look(patient)) findings.push({ check: name, ...finding });
  }
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return { findings, errors: count('error'), warnings: count('warning') };
}

/** A line for each finding, with what to do below it, and the sum. */
export function renderReport({ findings, errors, warnings }: DoctorReport): string {
  const lines = findings.flatMap(({ check, severity, text, advice }) => [
    `${severity.padEnd(8)} ${check.padEnd(16)} ${text}`,
    ...(advice === undefined ? [] : [`${' '.repeat(26)}-> ${advice}`]),
  ]);
  return `${[...lines, '', `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`].join('\n')}\n`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

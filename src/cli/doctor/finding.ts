import type { Configuration } from '#config/index.ts';
import type { Assembly } from '#daemon/assemble.ts';

export type Severity = 'ok' | 'warning' | 'error';

/** What a check found. */
export interface Finding {
  readonly severity: Severity;
  readonly text: string;
  /** What to do; of everything that is not `ok`. */
  readonly advice?: string;
}

/** What there is to examine. */
export interface Patient {
  /** `undefined`: the machine alone is examined. */
  readonly node: { readonly configuration: Configuration; readonly assembly: Assembly } | undefined;
  readonly controlPath: string;
  /** A daemon answers at the control socket: ports and addresses are in use rightly. */
  readonly daemon: { readonly pid: number } | undefined;
}

/** One thing to look at. It never throws for what it looks at, and says at least one thing. */
export interface Check {
  /** Kebab-case and stable, for filters. */
  readonly name: string;
  examine(patient: Patient): Finding[] | Promise<Finding[]>;
}

export function ok(text: string): Finding {
  return { severity: 'ok', text };
}

export function warning(text: string, advice: string): Finding {
  return { severity: 'warning', text, advice };
}

export function error(text: string, advice: string): Finding {
  return { severity: 'error', text, advice };
}

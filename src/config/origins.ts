import type { Span } from './match.ts';

/** Where in the text a stored command was written. */
export interface Origin {
  /** The line, from 1. */
  readonly number: number;
  readonly line: string;
  /** Where each argument stands in the line. */
  readonly spans: readonly (Span | undefined)[];
}

/** Remembers where each command was written: by what it acts on, and by the text that would be printed for it. */
export class Origins {
  private readonly byTarget = new Map<object, Map<string, Origin>>();

  note(target: object, command: string, origin: Origin): void {
    const held = this.byTarget.get(target) ?? new Map<string, Origin>();
    held.set(command, origin);
    this.byTarget.set(target, held);
  }

  find(target: object, command: string): Origin | undefined {
    return this.byTarget.get(target)?.get(command);
  }
}

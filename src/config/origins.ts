import { type AnyCommand, render, signature } from './command.ts';
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

  note(target: object, command: AnyCommand, values: readonly unknown[], origin: Origin): void {
    const held = this.byTarget.get(target) ?? new Map<string, Origin>();
    held.set(signature(command), origin);
    held.set(render(command, values), origin);
    this.byTarget.set(target, held);
  }

  /** Where the command was written with these values, or else where it was written last: what it left out may have been filled in. */
  find(target: object, command: AnyCommand, values: readonly unknown[]): Origin | undefined {
    const held = this.byTarget.get(target);
    return held?.get(render(command, values)) ?? held?.get(signature(command));
  }
}

import type { AnyCommand, Complaint } from './command.ts';
import { type Diagnostic, diagnose } from './diagnostic.ts';
import type { Configuration } from './model.ts';
import { modeNamed } from './modes.ts';
import { hasNoEffectYet, noEffectYet } from './no-effect-yet.ts';
import type { Origins } from './origins.ts';

/** Looks at the whole configuration, once it has been read, for what single lines cannot show. */
export function review(configuration: Configuration, origins: Origins): Diagnostic[] {
  const found: Diagnostic[] = [];
  reviewMode('global', configuration, undefined, false);
  return found;

  /** `silent`: the section was said to have no effect, so that its lines need not. */
  function reviewMode(mode: string, target: object, parent: unknown, silent: boolean): void {
    for (const command of modeNamed(mode).commands) {
      const idle = hasNoEffectYet(mode, command);
      for (const values of command.stored(target)) {
        if (idle && !silent) report(command, target, values, noEffectYet);
        reviewCommand(command, target, parent, values, idle || silent);
      }
    }
  }

  function reviewCommand(
    command: AnyCommand,
    target: object,
    parent: unknown,
    values: readonly unknown[],
    silent: boolean,
  ): void {
    const complaint = command.review?.(target, { configuration, parent }, ...values);
    report(command, target, values, complaint);
    if (!command.section) return;
    const entered = command.section.enter(target, ...values);
    reviewMode(command.section.opens, entered, target, silent);
  }

  function report(
    command: AnyCommand,
    target: object,
    values: readonly unknown[],
    complaint: Complaint | undefined,
  ): void {
    if (complaint) found.push(diagnose('warning', complaint, origins.find(target, command, values)));
  }
}

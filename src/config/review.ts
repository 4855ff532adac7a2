import { type AnyCommand, type Complaint, render } from './command.ts';
import { type Diagnostic, diagnose } from './diagnostic.ts';
import type { Configuration } from './model.ts';
import { modeNamed } from './modes.ts';
import type { Origins } from './origins.ts';

export interface Review {
  readonly warnings: Diagnostic[];
  readonly obstacles: Diagnostic[];
}

/** Looks at the whole configuration, once it has been read, for what single lines cannot show. */
export function review(configuration: Configuration, origins: Origins): Review {
  const found: Review = { warnings: [], obstacles: [] };
  reviewMode('global', configuration, undefined);
  return found;

  function reviewMode(modeName: string, target: object, parent: unknown): void {
    for (const command of modeNamed(modeName).commands) {
      for (const values of command.stored(target)) reviewCommand(command, target, parent, values);
    }
  }

  function reviewCommand(command: AnyCommand, target: object, parent: unknown, values: readonly unknown[]): void {
    const report = (severity: Diagnostic['severity'], list: Diagnostic[], complaint: Complaint | undefined) => {
      if (complaint) list.push(diagnose(severity, complaint, origins.find(target, render(command, values))));
    };
    report('warning', found.warnings, command.review?.(target, { configuration, parent }, ...values));
    if (!command.section) return;
    const entered = command.section.enter(target, ...values);
    report('error', found.obstacles, command.section.obstacle?.(entered, configuration));
    reviewMode(command.section.opens, entered, target);
  }
}

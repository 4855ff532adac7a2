import type { AccessListConfiguration } from './access-list.ts';
import { keywords, render } from './command.ts';
import type { Configuration } from './model.ts';
import { modeNamed } from './modes.ts';

/** Each rule of an access list, without its number. */
export function printAccessListRules(list: AccessListConfiguration): string[] {
  return modeNamed('access-list').commands.flatMap((command) =>
    Array.from(command.stored(list), (values) => render(command, values).replace(/^\d+ /, '')),
  );
}

/** The running configuration; reading it again gives an equal model. What was not configured is not printed. */
export function printConfiguration(configuration: Configuration): string {
  const lines: string[] = [];
  /** Whether a section was printed last, so that a line of global mode must be told from its lines. */
  let below = false;
  printMode('global', configuration, 0);
  return [...lines, '!', 'end', ''].join('\n');

  function printMode(modeName: string, target: object, depth: number): void {
    const indent = ' '.repeat(depth);
    for (const command of modeNamed(modeName).commands) {
      const write = (line: string) => {
        if (depth === 0 && (command.section || below)) lines.push('!');
        if (depth === 0) below = command.section !== undefined;
        lines.push(indent + line);
      };
      if (command.negated?.(target)) write(`no ${keywords(command)}`);
      for (const values of command.stored(target)) {
        write(render(command, values));
        if (command.section) printMode(command.section.opens, command.section.enter(target, ...values), depth + 1);
      }
    }
  }
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { render } from '#config/command.ts';
import { type Configuration, emptyConfiguration, printConfiguration } from '#config/index.ts';
import { modeNamed, modes } from '#config/modes.ts';
import { arbitraryConfiguration } from './arbitrary-configuration.ts';
import { read } from './read.ts';

test('reading what was printed gives an equal configuration', () => {
  fc.assert(
    fc.property(arbitraryConfiguration(), (configuration) => {
      expect(read(printConfiguration(configuration))).toEqual(configuration);
    }),
    { numRuns: 300 },
  );
});

test('every row of the command table can be printed, read, and taken back by its "no" form', () => {
  const samples = fc.sample(arbitraryConfiguration(), { numRuns: 300, seed: 1 });
  const seen = new Set<string>();
  for (const configuration of samples) visit(configuration, seen);
  const all = modes.flatMap((mode) => mode.commands.map((command) => `${mode.name}: ${command.help}`));
  expect([...seen].sort()).toEqual(all.sort());
}, 120_000);

test('an empty configuration prints no command', () => {
  expect(printConfiguration(emptyConfiguration())).toBe('!\nend\n');
});

/** Notes the rows that store something, and checks that each row's `unset` leaves nothing of its line behind. */
function visit(
  configuration: Configuration,
  seen: Set<string>,
  modeName = 'global',
  target: object = configuration,
): void {
  // from the last, because to remove a domain takes what other rows say of it with it
  for (const command of modeNamed(modeName).commands.toReversed()) {
    for (const values of [...command.stored(target)]) {
      seen.add(`${modeName}: ${command.help}`);
      if (command.section) visit(configuration, seen, command.section.opens, command.section.enter(target, ...values));
      const line = render(command, values);
      const isStored = () => command.stored(target).some((left) => render(command, left) === line);
      command.unset(target, ...values);
      if (isStored()) expect.fail(`${modeName}: "no ${line}" leaves it`);
      // Such a key is nothing but its lines.
      if (line === 'key-string') continue;
      command.set(target, ...values);
      if (!isStored()) expect.fail(`${modeName}: "${line}" is not stored`);
    }
  }
}

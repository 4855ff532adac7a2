import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationReference, REFERENCE } from '../../tools/configuration-reference.ts';

it('docs/configuration-reference.md is what the table of commands says; node tools/configuration-reference.ts writes it', () => {
  expect(readFileSync(REFERENCE, 'utf8')).toBe(configurationReference());
});

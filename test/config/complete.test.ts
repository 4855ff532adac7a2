import { describe, expect, test } from 'vitest';
import { complete, help } from '#config/index.ts';
import { modes } from '#config/modes.ts';

describe('completion', () => {
  test('of a begun keyword', () => {
    expect(complete('bc', 'lma')).toEqual(['bce']);
    expect(complete('bce ', 'lma')).toEqual([
      'create-wait-time',
      'delete-wait-time',
      'lifetime',
      'maximum',
      'refresh-time',
    ]);
  });

  test('follows abbreviations, "no" and arguments', () => {
    expect(complete('no ip loc', 'global')).toEqual(['local']);
    expect(complete('ipv6 mob pmipv6-lma L d', 'global')).toEqual(['domain']);
    expect(complete('pool ipv4 P ', 'lma-network')).toEqual(['pfxlen']);
  });

  test('of a choice', () => {
    expect(complete('service ', 'profile')).toEqual(['dual', 'ipv4', 'ipv6']);
  });

  test('does not offer the second spelling of a command', () => {
    expect(complete('net', 'lma')).toEqual(['network']);
  });

  test('goes on below the second spelling once it was written', () => {
    expect(complete('pool ipv4 P px', 'lma-network')).toEqual([]);
    expect(help('bce maximum ', 'mag')).toEqual([{ word: '<1-4000000>', help: 'Bindings' }]);
  });

  test('of a line that is not understood is empty', () => {
    expect(complete('bogus ', 'lma')).toEqual([]);
  });
});

describe('help', () => {
  test('tells an argument’s range and meaning', () => {
    expect(help('bce maximum ', 'lma')).toEqual([{ word: '<1-4000000>', help: 'Binding cache entries' }]);
  });

  test('says where a line may end', () => {
    expect(help('replay-protection timestamp ', 'lma').map(({ word }) => word)).toEqual(['window', '<cr>']);
  });

  test('of a keyword is that of its command', () => {
    expect(help('def', 'lma')).toEqual([
      { word: 'default', help: 'Choose the profile of mobile nodes that have none' },
    ]);
  });

  test('of a keyword of several commands is what they have in common', () => {
    expect(help('radius-server attribute 3', 'global')).toEqual([
      { word: '31', help: 'Calling-Station-Id' },
      { word: '32', help: 'NAS-Identifier' },
    ]);
    for (const mode of modes) {
      for (const { word, help: text } of help('', mode.name))
        expect(text, `${mode.name}: ${word}`).not.toMatch(/; |^$/);
    }
  });
});

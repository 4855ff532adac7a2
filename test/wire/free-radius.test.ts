/** Packets that FreeRADIUS's radclient made, recorded by `node tools/radius/main.ts`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DICTIONARY_TEXT } from '#wire/radius/dictionary-text.ts';
import type { RadiusVector } from '../../tools/radius/free-radius-vectors.ts';
import { checkVector } from './free-radius-vectors.ts';

const vectors: readonly RadiusVector[] = JSON.parse(readFileSync(new URL('free-radius.json', import.meta.url), 'utf8'));

describe('a packet of FreeRADIUS', () => {
  it.each(vectors.map((vector) => [vector.command, vector.attributes.join(', '), vector] as const))(
    'is read and written: %s %s',
    (_command, _attributes, vector) => checkVector(vector),
  );

  it('[RFC 6572 §4] has each attribute of Proxy Mobile IPv6, and all others that we know', () => {
    const known = [...DICTIONARY_TEXT.matchAll(/^ATTRIBUTE (\S+) (\d+) /gm)];
    const recorded = new Set(vectors.flatMap(({ attributes }) => attributes.map((line) => line.split(' ')[0])));
    const missing = known.map(([, name]) => name).filter((name) => !recorded.has(name));
    expect(missing).toEqual(['EAP-Message']);
    const numbers = known.filter(([, name]) => recorded.has(name)).map(([, , number]) => Number(number));
    for (let number = 145; number <= 162; number++) expect(numbers).toContain(number);
  });
});

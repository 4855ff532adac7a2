/** That no message and no option is without octets assembled by hand from its RFC's figure, or captured from somebody else's. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DHCPV4_OPTIONS } from '#wire/dhcpv4/options.ts';
import { DHCPV6_OPTIONS } from '#wire/dhcpv6/options.ts';
import { NEIGHBOR_DISCOVERY_OPTIONS } from '#wire/icmpv6/options.ts';
import { MOBILITY_MESSAGES, MOBILITY_OPTIONS, type MobilityOption } from '#wire/mobility/index.ts';
import { OPTION_SAMPLES } from './mobility/samples.ts';

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const messages = read('mobility/messages.test.ts');
const options = read('mobility/options.test.ts') + read('mobility/sub-options.test.ts');

/** The kind of the value of each call of `name`, which is the first kind after it. */
function kindsOf(name: string, text: string): ReadonlySet<string> {
  return new Set(text.split(`${name}(`).flatMap((call) => /\bkind: '([a-z0-9-]+)'/.exec(call)?.[1] ?? []));
}

/** Kinds of the parts of an option. */
function innerKinds(option: MobilityOption): string[] {
  const kinds = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(kinds);
    if (typeof value !== 'object' || value === null) return [];
    const own = 'kind' in value && value !== option ? [String(value.kind)] : [];
    return [...own, ...Object.values(value).flatMap(kinds)];
  };
  return kinds(option);
}

describe('a vector that our encoder did not make', () => {
  it.each([
    ['message', MOBILITY_MESSAGES, kindsOf('messageVector', messages)],
    ['mobility option', MOBILITY_OPTIONS, kindsOf('optionVector', options)],
    ['DHCPv4 option', DHCPV4_OPTIONS, new Set(allKinds(read('dhcpv4.test.ts')))],
    ['DHCPv6 option', DHCPV6_OPTIONS, new Set(allKinds(read('dhcpv6.test.ts')))],
    ['neighbor discovery option', NEIGHBOR_DISCOVERY_OPTIONS, new Set(allKinds(read('icmpv6.test.ts')))],
  ])('is there for each %s', (_what, codecs, kinds) => {
    expect(codecs.map(({ kind }) => kind).filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  it('is there for each part of an option', () => {
    const kinds = new Set(allKinds(options));
    expect(OPTION_SAMPLES.flatMap(innerKinds).filter((kind) => !kinds.has(kind))).toEqual([]);
  });
});

function allKinds(text: string): string[] {
  return [...text.matchAll(/\bkind: '([a-z0-9-]+)'/g)].map((match) => match[1] as string);
}

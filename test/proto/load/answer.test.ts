import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { Answer } from '#proto/load/answer.ts';
import {
  AccessTechnologyType,
  type BindingAcknowledgement,
  decodeMobilityHeader,
  encodeMobilityHeader,
  HandoffIndicator,
  type MobilityOption,
} from '#wire/mobility/index.ts';
import { encodeText } from '#wire/octets.ts';

const identifier = (text: string): MobilityOption => {
  return { kind: 'mobile-node-identifier', subtype: 1, identifier: encodeText(text) };
};
const prefix = (text: string): MobilityOption => {
  return { kind: 'home-network-prefix', prefix: Ipv6Prefix.parse(text) as Ipv6Prefix, offLink: false };
};
const home = (text: string, status = 0): MobilityOption => {
  return {
    kind: 'ipv4-home-address-reply',
    ...{ status, prefixLength: 24, address: Ipv4Address.parse(text) as Ipv4Address },
  };
};
const COMMON: readonly MobilityOption[] = [
  { kind: 'handoff-indicator', indicator: HandoffIndicator.NEW_INTERFACE },
  { kind: 'access-technology-type', accessTechnology: AccessTechnologyType.IEEE_802_11 },
  { kind: 'timestamp', seconds: 1_700_000_000, fraction: 77 },
  { kind: 'mobile-node-link-layer-identifier', identifier: Uint8Array.of(2, 16, 0, 0, 0, 1) },
];
const AUTHENTICATION: MobilityOption = { kind: 'authentication', subtype: 1, spi: 256, data: new Uint8Array(12) };

function acknowledgement(options: readonly MobilityOption[], status = 0, lifetime = 3600): Uint8Array {
  return encodeMobilityHeader({
    kind: 'binding-acknowledgement',
    ...{ status, flags: 0x20, sequence: 0xabcd, lifetime: seconds(lifetime), options },
  });
}

/** Those that are read from their octets alone. */
const USUAL: Readonly<Record<string, Uint8Array>> = {
  'no option': acknowledgement([]),
  'IPv6 only': acknowledgement([identifier('mn7@example.com'), prefix('2001:db8:1:2::/64'), ...COMMON]),
  'IPv4 only': acknowledgement([identifier('mn123456@x'), ...COMMON, home('192.0.2.7')]),
  'both, authenticated': acknowledgement([
    identifier('mn42@example.com'),
    prefix('2001:db8:1:2::/64'),
    ...COMMON,
    home('192.0.2.7'),
    AUTHENTICATION,
  ]),
  'two prefixes': acknowledgement([identifier('mn1@x'), prefix('2001:db8:1::/48'), prefix('2001:db8:2::/56')]),
  'refused, without addresses': acknowledgement([identifier('mn3@example.com'), ...COMMON], 130, 0),
  'an end of the registration': acknowledgement([identifier('mn3@example.com'), prefix('2001:db8:1::/64')], 0, 0),
  'an option that nobody knows': acknowledgement([
    { kind: 'unknown-option', type: 200, data: Uint8Array.of(1, 2, 3) },
    identifier('mn1@x'),
  ]),
  'options of dual stack, keys and vendors': acknowledgement([
    identifier('mn1@x'),
    prefix('2001:db8:1::/64'),
    { kind: 'link-local-address', address: Ipv6Address.parse('fe80::1') as Ipv6Address },
    home('192.0.2.7'),
    { kind: 'ipv4-default-router', address: Ipv4Address.parse('192.0.2.254') as Ipv4Address },
    { kind: 'ipv4-dhcp-support-mode', server: true },
    { kind: 'gre-key', key: 77 },
    { kind: 'gre-key', key: undefined },
    { kind: 'binding-refresh-advice', refreshInterval: seconds(400) },
    { kind: 'vendor-specific', vendorId: 9, subtype: 1, data: Uint8Array.of(1) },
  ]),
  'the name of somebody else': acknowledgement([identifier('someone@example.com')]),
};

/** Those of which the decoder makes what there is to be made. */
const UNUSUAL: Readonly<Record<string, Uint8Array>> = {
  'two names': acknowledgement([identifier('mn1@x'), identifier('mn2@x')]),
  'two home addresses': acknowledgement([identifier('mn1@x'), home('192.0.2.1'), home('192.0.2.2')]),
  'an option that answers seldom have': acknowledgement([
    identifier('mn1@x'),
    { kind: 'quality-of-service', serviceRequest: 1, dscp: 46, operation: 0, attributes: [] },
    prefix('2001:db8:1::/64'),
  ]),
};

/** What was read of it; `undefined` where its octets alone do not tell. */
function read(octets: Uint8Array): object | undefined {
  const answer = new Answer();
  return answer.read(octets) ? said(answer) : undefined;
}

/** What the decoder makes of it; `undefined` when it is no acknowledgement. */
function decoded(octets: Uint8Array): object | undefined {
  const message = decodeMobilityHeader(octets);
  if (!message.ok || message.value.kind !== 'binding-acknowledgement') return undefined;
  const answer = new Answer();
  answer.set(message.value as BindingAcknowledgement);
  return said(answer);
}

function said({ status, sequence, isRegistered, node, granted }: Answer): object {
  return { status, sequence, isRegistered, node, granted: granted.toGrant() };
}

describe('what an acknowledgement says', () => {
  it.each(Object.entries(USUAL))('is read from its octets as the decoder reads it: %s', (_, octets) => {
    expect(read(octets)).toBeDefined();
    expect(read(octets)).toEqual(decoded(octets));
  });

  it.each(Object.entries(UNUSUAL))('is left to the decoder: %s', (_, octets) => {
    expect(read(octets)).toBeUndefined();
    expect(decoded(octets)).toBeDefined();
  });

  it('is what was sent', () => {
    expect(read(USUAL['both, authenticated'] as Uint8Array)).toEqual({
      ...{ status: 0, sequence: 0xabcd, isRegistered: true, node: 42 },
      granted: {
        prefixes: [Ipv6Prefix.parse('2001:db8:1:2::/64')],
        home: { address: Ipv4Address.parse('192.0.2.7'), prefixLength: 24 },
      },
    });
    expect(read(USUAL['refused, without addresses'] as Uint8Array)).toMatchObject({
      ...{ status: 130, isRegistered: false, node: 3 },
      granted: { prefixes: [], home: undefined },
    });
  });

  it.each(Object.entries({ ...USUAL, ...UNUSUAL }))(
    'is never another than the decoder reads, whatever octet is wrong: %s',
    (_, octets) => {
      for (let at = 0; at < octets.length; at++)
        for (let value = 0; value < 256; value++) {
          const changed = Uint8Array.from(octets);
          changed[at] = value;
          const own = read(changed);
          if (own) expect(own, `octet ${at} is ${value}`).toEqual(decoded(changed));
        }
    },
  );

  it.each(Object.entries({ ...USUAL, ...UNUSUAL }))('is not read of a part of it: %s', (_, octets) => {
    for (let length = 0; length < octets.length; length++)
      expect(read(octets.subarray(0, length)), `${length} octets`).toBeUndefined();
  });

  it('is never another than the decoder reads of octets at random', () => {
    const head = Uint8Array.of(59, 4, 6, 0, 0, 0, 0, 0x20, 0, 1, 0, 100);
    const option = fc
      .tuple(fc.constantFrom(0, 1, 8, 9, 22, 23, 24, 25, 27, 33, 37, 200), fc.uint8Array({ maxLength: 24 }))
      .map(([type, data]) => (type === 0 ? [0] : [type, data.length, ...data]));
    fc.assert(
      fc.property(fc.array(option, { maxLength: 6 }), (options) => {
        const octets = Uint8Array.from([...head, ...options.flat(), ...new Array(7).fill(0)]);
        octets[1] = (octets.length >> 3) - 1;
        const own = read(octets);
        if (own) expect(own).toEqual(decoded(octets));
      }),
      { numRuns: 3000 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { careOfAddress } from '#proto/care-of-address.ts';
import type { BindingAcknowledgement, BindingUpdate } from '#wire/mobility/index.ts';

const common = { flags: 0, sequence: 1, lifetime: seconds(4), options: [] };
const update: BindingUpdate = { kind: 'binding-update', ...common };
const acknowledgement: BindingAcknowledgement = { kind: 'binding-acknowledgement', status: 0, ...common };
const ipv6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;
const between = { transport: 'ipv6', local: ipv6('2001:db8::1'), remote: ipv6('2001:db8::15') } as const;

describe('careOfAddress', () => {
  it.each([
    ['an update that leaves', update, 'sent', '2001:db8::1'],
    ['an update that came', update, 'received', '2001:db8::15'],
    ['an acknowledgement that leaves', acknowledgement, 'sent', '2001:db8::15'],
    ['an acknowledgement that came', acknowledgement, 'received', '2001:db8::1'],
  ] as const)('[RFC 4285 §5.1] is the address of the gateway in %s', (_, message, direction, expected) => {
    expect(careOfAddress(message, between, direction).toString()).toBe(expected);
  });

  it('is the IPv4-mapped address of the gateway over IPv4', () => {
    const [local, remote] = [Ipv4Address.parse('192.0.2.1'), Ipv4Address.parse('192.0.2.15')] as [
      Ipv4Address,
      Ipv4Address,
    ];
    const over = { transport: 'ipv4-udp', local, remote } as const;
    expect(careOfAddress(update, over, 'received').toString()).toBe('::ffff:192.0.2.15');
  });

  it('is the Alternate Care-of Address of an update', () => {
    const alternate = { kind: 'alternate-care-of-address', address: ipv6('2001:db8::99') } as const;
    expect(careOfAddress({ ...update, options: [alternate] }, between, 'received')).toBe(alternate.address);
  });
});

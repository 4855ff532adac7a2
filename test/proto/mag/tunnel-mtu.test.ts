import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Encapsulation } from '#dataplane/desired.ts';
import { tunnelMtu } from '#proto/mag/tunnel-mtu.ts';

const keys = { send: 1, receive: 2 };
const udp = { kind: 'udp', localPort: 5437, remotePort: 5437, tlvHeader: false } as const;

describe('[RFC 5213 §6.9.2(3)] the MTU of a tunnel', () => {
  it.each([
    ['IPv6', { kind: 'ip' }, 1452],
    ['GRE over IPv6', { kind: 'gre' }, 1448],
    ['GRE with keys over IPv6', { kind: 'gre', keys }, 1444],
    ['UDP over IPv6', udp, 1444],
  ] as [string, Encapsulation, number][])('of %s', (_, encapsulation, mtu) => {
    const local = Ipv6Address.unspecified;
    expect(tunnelMtu({ encapsulation, local, remote: local })).toBe(mtu);
  });

  it.each([
    ['IPv4', { kind: 'ip' }, 1480],
    ['GRE over IPv4', { kind: 'gre' }, 1476],
    ['GRE with keys over IPv4', { kind: 'gre', keys }, 1472],
    ['UDP over IPv4', udp, 1472],
    ['UDP with a TLV header over IPv4', { ...udp, tlvHeader: true }, 1468],
    ['UDP with a TLV header and GRE over IPv4', { ...udp, tlvHeader: true, gre: { keys } }, 1460],
  ] as [string, Encapsulation, number][])('of %s', (_, encapsulation, mtu) => {
    const local = Ipv4Address.unspecified;
    expect(tunnelMtu({ encapsulation, local, remote: local })).toBe(mtu);
  });
});

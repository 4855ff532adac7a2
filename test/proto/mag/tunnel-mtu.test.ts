import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Encapsulation } from '#dataplane/desired.ts';
import { tunnelMtu } from '#proto/mag/tunnel-mtu.ts';
import { ACC0, acknowledgement, LMA_ADDRESS, MagDialogue, revocation, v6 } from './dialogue.ts';

const keys = { send: 1, receive: 2 };
const udp = { kind: 'udp', localPort: 5437, remotePort: 5437, tlvHeader: false } as const;

describe('[RFC 5213 §6.9.2(3), §6.9.5(5)] the MTU of a tunnel', () => {
  it.each([
    ['IPv6', { kind: 'ip' }, 1452],
    ['GRE over IPv6', { kind: 'gre' }, 1448],
    ['GRE with keys over IPv6', { kind: 'gre', keys }, 1444],
    ['UDP over IPv6', udp, 1444],
  ] as [string, Encapsulation, number][])('of %s', (_, encapsulation, mtu) => {
    const local = Ipv6Address.unspecified;
    expect(tunnelMtu({ encapsulation, local, remote: local }, 1500)).toBe(mtu);
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
    expect(tunnelMtu({ encapsulation, local, remote: local }, 1500)).toBe(mtu);
  });

  it('[RFC 5213 §6.9.5(5)] is what the path to the LMA carries, less the outer headers', () => {
    const local = Ipv4Address.unspecified;
    expect(tunnelMtu({ encapsulation: { kind: 'gre', keys }, local, remote: local }, 1400)).toBe(1372);
  });
});

describe('a path MTU that changes', () => {
  const announced = (dialogue: MagDialogue) =>
    dialogue.outputs.flatMap((output) =>
      output.kind === 'session' && output.change.kind === 'session-active' ? [output.change.session.mtu] : [],
    );
  const resize = (dialogue: MagDialogue, mtu: number, remote = LMA_ADDRESS) =>
    dialogue.handle({ kind: 'path-mtu', remote, mtu });

  it('[RFC 5213 §6.9.5(2), §6.9.5(7)] is told to the mobile nodes of that LMA, at a measured pace', () => {
    const dialogue = new MagDialogue();
    for (let i = 0; i < 200; i++) {
      dialogue.attach('dhcp', ACC0, new MacAddress(0x0200, i));
      const prefixes = [`2001:db8:f00d:${i.toString(16)}::/64`];
      dialogue.receive(acknowledgement(dialogue.update(), { prefixes, homeAddress: `192.0.2.${i + 1}` }));
    }
    dialogue.outputs = [];
    resize(dialogue, 1400);
    expect(announced(dialogue)).toEqual([]);
    dialogue.advance(75);
    expect(announced(dialogue)).toHaveLength(50);
    dialogue.advance(1000);
    expect(announced(dialogue)).toEqual(new Array(200).fill(1352));
  });

  it('[RFC 5213 §6.9.5(7)] is used for every session that begins after', () => {
    const dialogue = new MagDialogue();
    resize(dialogue, 1400);
    dialogue.attach();
    dialogue.receive(acknowledgement(dialogue.update()));
    expect(announced(dialogue)).toEqual([1352]);
  });

  it('[RFC 5213 §6.9.5(4)] is that of Ethernet, or what "tunnel mtu" says, where nothing was found out', () => {
    const first = new MagDialogue();
    first.attach();
    first.receive(acknowledgement(first.update()));
    expect(announced(first)).toEqual([1452]);
    const configured = new MagDialogue({ tunnelMtu: 1300 });
    configured.attach();
    configured.receive(acknowledgement(configured.update()));
    expect(announced(configured)).toEqual([1300]);
  });

  it('is nothing to nodes of other LMAs, to a node that left, or when it is told again', () => {
    const dialogue = new MagDialogue();
    dialogue.becomeActive();
    resize(dialogue, 1400, v6('2001:db8:bad::1'));
    dialogue.advance(1000);
    resize(dialogue, 1400);
    dialogue.receive(revocation());
    dialogue.outputs = [];
    dialogue.advance(1000);
    expect(announced(dialogue)).toEqual([]);
    resize(dialogue, 1400);
    expect(dialogue.mag.nextTimeout()).toBeUndefined();
  });
});

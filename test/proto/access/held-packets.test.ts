import { describe, expect, it } from 'vitest';
import { toHex } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { ACC0, AccessLink, HOME, layer2Update, MAG, MN, ROUTER, v4, v6 } from './link.ts';

const CORRESPONDENT4 = v4('198.51.100.10');
const CORRESPONDENT6 = v6('2001:db8:100::10');
const HOME6 = v6('2001:db8:f00d:1::7');

function packet(number: number, from: Ipv4Address | Ipv6Address = HOME, to?: Ipv4Address | Ipv6Address): Uint8Array {
  const payload = new Uint8Array(16).fill(number);
  if (from instanceof Ipv4Address) {
    const destination = (to ?? CORRESPONDENT4) as Ipv4Address;
    return encodeIpv4({
      source: from,
      destination,
      protocol: 253,
      ttl: 64,
      trafficClass: 0,
      dontFragment: false,
      payload,
    });
  }
  const destination = (to ?? CORRESPONDENT6) as Ipv6Address;
  return encodeIpv6({ source: from, destination, nextHeader: 253, hopLimit: 64, trafficClass: 0, payload });
}

/** Padded to the shortest Ethernet frame, as a wire delivers it. */
function frame(payload: Uint8Array, destination: MacAddress = MAG, source = MN): Uint8Array {
  const padded = new Uint8Array(Math.max(payload.length, 46));
  padded.set(payload);
  const etherType = (payload[0] as number) >>> 4 === 4 ? EtherType.IPV4 : EtherType.IPV6;
  return encodeEthernet({ destination, source, tags: [], etherType, payload: padded });
}

/** What was sent on since the last look. */
function sentOn(link: AccessLink): string[] {
  const packets = link.outputs.flatMap((output) => (output.kind === 'forward-held' ? output.packets : []));
  link.outputs = [];
  return packets.map((one) => toHex(one));
}

const hex = (...packets: Uint8Array[]) => packets.map((one) => toHex(one));

describe('[RFC 5213 §6.10.5] packets of a mobile node that come before its binding', () => {
  it('wait, and go on in their order when it has one', () => {
    const link = new AccessLink();
    link.hear(layer2Update());
    const packets = [packet(1), packet(2, HOME6), packet(3)];
    for (const one of packets) link.hear(frame(one));
    expect(sentOn(link)).toEqual([]);
    link.activate();
    const output = link.outputs.find(({ kind }) => kind === 'forward-held');
    expect(output).toMatchObject({ interface: ACC0, mac: MN });
    expect(sentOn(link)).toEqual(hex(...packets));
    link.activate();
    expect(sentOn(link)).toEqual([]);
  });

  it('start with the one that showed the node', () => {
    const link = new AccessLink();
    link.hear(frame(packet(1)));
    expect(link.triggers()).toEqual(['data']);
    link.activate();
    expect(sentOn(link)).toEqual(hex(packet(1)));
  });

  it('go on at once when they were still unread as the binding came', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(frame(packet(1)));
    expect(sentOn(link)).toEqual(hex(packet(1)));
  });

  it('go nowhere when they are not from its addresses, or not for beyond the link', () => {
    const link = new AccessLink();
    link.hear(layer2Update());
    link.hear(frame(packet(1, v4('192.0.2.77'))));
    link.hear(frame(packet(2, v6('2001:db8:f00d:2::1'))));
    link.hear(frame(packet(3, HOME, ROUTER)));
    link.hear(frame(packet(4, HOME6, v6('fe80::200:5eff:fe00:5213'))));
    link.hear(frame(packet(5, HOME, Ipv4Address.broadcast), MacAddress.broadcast));
    link.hear(frame(packet(6, HOME6, v6('ff02::1')), MacAddress.parse('33:33:00:00:00:01')));
    link.hear(frame(packet(7), MacAddress.parse('02:00:00:00:00:99')));
    link.activate();
    expect(sentOn(link)).toEqual([]);
  });

  it('are forgotten when the node is refused or leaves, and when they are a second old', () => {
    const link = new AccessLink();
    link.hear(frame(packet(1)));
    link.handle({
      kind: 'session',
      change: { kind: 'session-refused', interface: ACC0, mac: MN, reason: 'no profile' },
    });
    link.activate();
    expect(sentOn(link)).toEqual([]);

    const late = new AccessLink();
    late.hear(frame(packet(1)));
    late.advance(900);
    late.hear(frame(packet(2)));
    late.advance(200);
    late.activate();
    expect(sentOn(late)).toEqual(hex(packet(2)));
  });

  it('are at most 64 of one node, and 4096 in all, and counted beyond', () => {
    const link = new AccessLink({ stationMaximum: 100 });
    for (let i = 0; i < 70; i++) link.hear(frame(packet(i)));
    expect(link.machine.stats).toMatchObject({ packetsHeld: 64, packetsNotHeld: 6 });
    for (let station = 0; station < 70; station++) {
      for (let i = 0; i < 64; i++) link.hear(frame(packet(i), MAG, new MacAddress(0x0200, station)));
    }
    expect(link.machine.stats.packetsHeld).toBe(4096);
    link.activate();
    link.hear(frame(packet(1), MAG, new MacAddress(0x0200, 69)));
    expect(link.machine.stats.packetsHeld).toBe(4097);
  });
});

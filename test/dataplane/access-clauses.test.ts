/** What RFC 5213 §6.10.5 "Forwarding Rules" and RFC 5844 say of a gateway's packets; the suite of all data planes has the details. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessForwarding } from '#dataplane/desired.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import {
  ALICE,
  attached,
  attachedBob,
  type Bed,
  BOB,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  path,
} from './bed.ts';
import { tunnelPacket } from './encapsulations.ts';
import { memoryBed } from './memory-bed.ts';
import { udpPacket } from './packets.ts';

const OWN4 = ipv4('203.0.113.1');
const OWN6 = ipv6('2001:db8:beef:1::1234');

describe('packets at an access gateway', () => {
  let bed: Bed;
  beforeEach(() => {
    bed = memoryBed();
  });
  afterEach(() => bed.close());
  const bind = (change: Partial<AccessForwarding> = {}) =>
    bed.plane.apply([{ kind: 'set', forwarding: { ...attached, ...change } }]);
  const up = (packet: Uint8Array) => bed.exchange({ from: 'access', mac: ALICE, packet });
  const theirs = { ...path, local: path.remote, remote: path.local };
  const down = (packet: Uint8Array) => bed.exchange({ from: 'transport', packet: tunnelPacket(theirs, packet) });

  it('[RFC 5213 §6.10.5(1), RFC 5844 §3.2.4(1), §4.2.2.2(2)] from the tunnel lose their outer header and go to the node of their destination', () => {
    bind();
    for (const packet of [udpPacket(CORRESPONDENT6, OWN6), udpPacket(CORRESPONDENT4, OWN4)]) {
      expect(down(packet)).toMatchObject([{ to: 'access', mac: ALICE, packet: { length: packet.length } }]);
    }
  });

  it('[RFC 5213 §6.10.5(1)] from the tunnel for nobody here are dropped without a word', () => {
    bind();
    expect(down(udpPacket(CORRESPONDENT6, ipv6('2001:db8:beef:9::1')))).toEqual([]);
    expect(bed.plane.drops()['tunnel-no-binding']).toBe(1);
  });

  it('[RFC 5213 §6.10.5(3), RFC 5844 §3.2.4(3)] of a node are not forwarded before it has a binding', () => {
    expect(up(udpPacket(OWN6, CORRESPONDENT6))).toEqual([]);
    expect(up(udpPacket(OWN4, CORRESPONDENT4))).toEqual([]);
    bind();
    expect(up(udpPacket(OWN6, CORRESPONDENT6))).toMatchObject([{ to: 'transport' }]);
  });

  it('[RFC 5844 §3.2.4(3)] of a node are not forwarded from an address that is not its own', () => {
    bind();
    expect(up(udpPacket(ipv4('203.0.113.7'), CORRESPONDENT4))).toEqual([]);
    expect(bed.exchange({ from: 'access', mac: BOB, packet: udpPacket(OWN4, CORRESPONDENT4) })).toEqual([]);
  });

  it('[RFC 5213 §6.10.5(5), §6.10.5(6), §6.9.1.2(13), RFC 5844 §3.2.4(2), §4.2.2.2(1), §3.2.4(3)] of a node go through the tunnel, from the Proxy-CoA to the LMA', () => {
    bind();
    for (const packet of [udpPacket(OWN6, CORRESPONDENT6), udpPacket(OWN4, CORRESPONDENT4)]) {
      const [left] = up(packet);
      const outer = decodeIpv6(left?.packet as Uint8Array);
      expect(outer).toMatchObject({ ok: true, value: { source: path.local, destination: path.remote } });
    }
  });

  it('[RFC 5213 §6.10.5(2), §6.10.5(4)] from one node here to another go through the tunnel where local routing is not allowed', () => {
    bind();
    bed.plane.apply([{ kind: 'set', forwarding: attachedBob }]);
    for (const packet of [udpPacket(OWN6, ipv6('2001:db8:beef:2::1')), udpPacket(OWN4, ipv4('203.0.113.2'))]) {
      expect(up(packet)).toMatchObject([{ to: 'transport' }]);
    }
  });

  it('[RFC 5213 §6.10.5(5)] with a link-local source are not forwarded', () => {
    bind();
    expect(up(udpPacket(ipv6('fe80::224:d7ff:fe8e:21a4'), CORRESPONDENT6))).toEqual([]);
  });

  it('[RFC 5845 §4.2(9)] from a GRE tunnel are those of the session whose key they have', () => {
    const gre = { ...path, encapsulation: { kind: 'gre', keys: { send: 1, receive: 2 } } } as const;
    bind({ paths: [gre] });
    const packet = udpPacket(CORRESPONDENT6, OWN6);
    const from = (key: number) =>
      bed.exchange({
        from: 'transport',
        packet: tunnelPacket({ ...theirs, encapsulation: gre.encapsulation }, packet, { key }),
      });
    expect(from(2)).toMatchObject([{ to: 'access' }]);
    expect(from(3)).toEqual([]);
    expect(bed.plane.drops()['tunnel-wrong-key']).toBe(1);
  });
});

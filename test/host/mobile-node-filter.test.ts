import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '#base/bytes.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Path } from '#dataplane/desired.ts';
import { encapsulate } from '#dataplane/encapsulation.ts';
import { type IpHeader, readIpHeader } from '#dataplane/ip-packet.ts';
import { attachClassicFilter } from '#host/classic-filter.ts';
import { FILTERED_ADDRESSES, mobileNodeFilter } from '#host/mobile-node-filter.ts';
import * as posix from '#host/posix.ts';
import { CORRESPONDENT4, CORRESPONDENT6, ipv4, ipv6, NODE_ADDRESS, PEER } from '../dataplane/bed.ts';
import { TUNNELS } from '../dataplane/encapsulations.ts';
import { udpPacket } from '../dataplane/packets.ts';

const OTHERS = { ipv4: ipv4('192.0.2.2'), ipv6: ipv6('2001:db8:f00d:2::1') };
const flows = [
  { family: 4, own: ipv4('192.0.2.1'), other: CORRESPONDENT4, stranger: OTHERS.ipv4 },
  { family: 6, own: ipv6('2001:db8:f00d:1::1234'), other: CORRESPONDENT6, stranger: OTHERS.ipv6 },
] as const;
const mobileNode = {
  ipv4: [ipv4('198.51.100.7'), ipv4('192.0.2.1')],
  ipv6: [
    Ipv6Prefix.parse('2001:db8:f00d:9::/64') as Ipv6Prefix,
    Ipv6Prefix.parse('2001:db8:f00d:1::/64') as Ipv6Prefix,
  ],
};

describe('the filter for the packets of one mobile node', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mooring-filter-'));
  const address = posix.sockaddrUn(join(directory, 'socket'));
  let fd = -1;
  const buffer = Buffer.alloc(4096);

  beforeAll(() => {
    fd = posix.check('socket', posix.socket(posix.AF_UNIX, posix.SOCK_DGRAM | posix.SOCK_NONBLOCK, 0));
    posix.check('bind', posix.bind(fd, address, address.length));
  });
  afterAll(() => {
    posix.close(fd);
    rmSync(directory, { recursive: true });
  });

  /** Whether the kernel lets the packet pass, whole. */
  function passes(packet: Uint8Array): boolean {
    posix.sendto(fd, packet, packet.length, 0, address, address.length);
    const length = posix.recv(fd, buffer, buffer.length, posix.MSG_DONTWAIT);
    return length === packet.length;
  }

  const inTunnel = (packet: Uint8Array, { ends, encapsulation }: (typeof TUNNELS)[number]) => {
    const keys = 'keys' in encapsulation ? encapsulation.keys : undefined;
    const inUdp = encapsulation.kind === 'udp' ? encapsulation.gre?.keys : undefined;
    return encapsulate(packet, readIpHeader(packet) as IpHeader, { ...ends, encapsulation } as Path, {
      keys: keys ?? inUdp,
    });
  };

  it('takes what has its addresses, either way, as it is and in every tunnel, and nothing of others', () => {
    attachClassicFilter(fd, mobileNodeFilter(mobileNode));
    for (const { family, own, other, stranger } of flows) {
      const cases = [
        [udpPacket(own, other), true],
        [udpPacket(other, own), true],
        [udpPacket(stranger, other), false],
        [udpPacket(other, stranger), false],
      ] as const;
      for (const [packet, taken] of cases) {
        expect(passes(packet), `IPv${family}`).toBe(taken);
        for (const tunnel of TUNNELS)
          expect(passes(inTunnel(packet, tunnel)), `IPv${family} in ${tunnel.name}`).toBe(taken);
      }
    }
  });

  it('sees behind destination options, and through GRE with checksum and sequence number', () => {
    const inner = udpPacket(flows[1].own, CORRESPONDENT6);
    const outer = (nextHeader: number, payload: Uint8Array) => {
      const packet = udpPacket(NODE_ADDRESS, PEER, { size: payload.length });
      packet[6] = nextHeader;
      return concatBytes(packet.subarray(0, 40), payload);
    };
    const options = Uint8Array.of(41, 0, 4, 1, 4, 1, 1, 0);
    expect(passes(outer(60, concatBytes(options, inner)))).toBe(true);
    const gre = Uint8Array.of(0xb0, 0, 0x86, 0xdd, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 1);
    expect(passes(outer(47, concatBytes(gre, inner)))).toBe(true);
    expect(passes(outer(41, inner.subarray(0, 12)))).toBe(false);
    expect(passes(outer(47, gre.subarray(0, 4)))).toBe(false);
    expect(passes(Uint8Array.of(0x60))).toBe(false);
  });

  it('is one that the kernel takes for as many addresses as are looked for', () => {
    const many = Array.from({ length: FILTERED_ADDRESSES + 1 }, (_, i) => i);
    const addresses = {
      ipv4: many.map((i) => ipv4(`192.0.2.${i}`)),
      ipv6: many.map((i) => Ipv6Prefix.parse(`2001:db8:f00d:${i + 16}::/64`) as Ipv6Prefix),
    };
    attachClassicFilter(fd, mobileNodeFilter(addresses));
    const last = FILTERED_ADDRESSES - 1;
    expect(passes(udpPacket(CORRESPONDENT4, ipv4(`192.0.2.${last}`)))).toBe(true);
    expect(passes(udpPacket(ipv6(`2001:db8:f00d:${last + 16}::5`), CORRESPONDENT6))).toBe(true);
    expect(passes(udpPacket(CORRESPONDENT4, ipv4('192.0.2.200')))).toBe(false);
    attachClassicFilter(fd, mobileNodeFilter({ ipv4: [], ipv6: [] }));
    expect(passes(udpPacket(CORRESPONDENT4, ipv4('192.0.2.1')))).toBe(false);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import {
  AF_PACKET,
  alloc,
  bind,
  check,
  close,
  ETH_P_ALL,
  ifNameToIndex,
  recv,
  SO_ATTACH_BPF,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_SOCKET,
  setIntegerOption,
  sockaddrLl,
  socket,
} from '#host/posix.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { type EthernetFrame, EtherType } from '#wire/ethernet.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL, type Icmpv6Message } from '#wire/icmpv6.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { encodeUdp } from '#wire/udp.ts';
import { ALICE, attached, BOB, CORRESPONDENT4, CORRESPONDENT6, ipv4, ipv6 } from './bed.ts';
import { type KernelBed, kernelBed, kernelBedMissing } from './kernel-bed.ts';
import { udpPacket } from './packets.ts';

const missing = kernelBedMissing();
const ATTACHED4 = ipv4('203.0.113.1');
const ATTACHED6 = ipv6('2001:db8:beef:1::1234');
const buffer = alloc(2048).buffer;

describe.skipIf(missing)(`the filter of the daemon's packet socket${missing ? ` (${missing})` : ''}`, () => {
  let bed: KernelBed;
  let fd: number;
  beforeEach(() => {
    bed = kernelBed();
    fd = bed.inside(() => {
      const made = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0));
      setIntegerOption(made, SOL_SOCKET, SO_ATTACH_BPF, bed.plane.accessFilterFd);
      check('bind', bind(made, sockaddrLl(ifNameToIndex('acc'), ETH_P_ALL), SOCKADDR_LL_LENGTH));
      return made;
    });
    bed.plane.apply([{ kind: 'set', forwarding: attached }]);
  });
  afterEach(() => {
    close(fd);
    bed.close();
  });

  /** Whether one of the frames that came is from the sender: the kernels at both ends of the link send some of their own. */
  const shows = (frame: EthernetFrame, port: 'access' | 'access2' = 'access') => {
    while (recv(fd, buffer, buffer.length, 0) > 0);
    bed.answers(port, frame);
    let shown = false;
    while (recv(fd, buffer, buffer.length, 0) > 0) shown ||= MacAddress.read(buffer, 6).equals(frame.source);
    return shown;
  };
  const frame = (source: MacAddress, etherType: number, payload: Uint8Array): EthernetFrame => ({
    destination: MacAddress.pmipv6Mag,
    source,
    tags: [],
    etherType,
    payload,
  });
  const toPort6 = (destinationPort: number) => {
    const [source, destination] = [ipv6('fe80::a1'), ipv6('ff02::1:2')];
    const payload = encodeUdp({ source, destination, sourcePort: 546, destinationPort, payload: new Uint8Array(20) });
    return encodeIpv6({ source, destination, hopLimit: 1, nextHeader: 17, payload });
  };
  const icmp = (message: Icmpv6Message) => {
    const [source, destination] = [ipv6('fe80::a1'), ipv6('fe80::200:5eff:fe00:5213')];
    const payload = encodeIcmpv6(message, source, destination);
    return encodeIpv6({ source, destination, hopLimit: 255, nextHeader: ICMPV6_PROTOCOL, payload });
  };
  const toPort = (destinationPort: number) => {
    const [source, destination] = [ATTACHED4, ipv4('203.0.113.254')];
    const payload = encodeUdp({ source, destination, sourcePort: 68, destinationPort, payload: new Uint8Array(20) });
    return encodeIpv4({ source, destination, ttl: 64, protocol: 17, payload });
  };

  it("shows the link's own protocols, from an attached station too", () => {
    const arp = { operation: ArpOperation.REQUEST, senderMac: ALICE, senderAddress: ATTACHED4, targetMac: ALICE };
    expect(shows(frame(ALICE, EtherType.ARP, encodeArp({ ...arp, targetAddress: ATTACHED4 })))).toBe(true);
    expect(shows(frame(ALICE, EtherType.IPV4, toPort(67)))).toBe(true);
    expect(shows(frame(ALICE, EtherType.IPV6, icmp({ kind: 'router-solicitation', options: [] })))).toBe(true);
    expect(shows(frame(ALICE, EtherType.IPV6, toPort6(547)))).toBe(true);
    const target = ipv6('fe80::1');
    expect(shows(frame(ALICE, EtherType.IPV6, icmp({ kind: 'neighbor-solicitation', target, options: [] })))).toBe(
      true,
    );
    const [source, destination] = [ipv6('fe80::a1'), ipv6('ff02::16')];
    const payload = new Uint8Array(16); // behind hop-by-hop options
    expect(
      shows(frame(ALICE, EtherType.IPV6, encodeIpv6({ source, destination, hopLimit: 1, nextHeader: 0, payload }))),
    ).toBe(true);
    const update = encodeLayer2Update(ALICE);
    const llc = { ...frame(ALICE, 0, update.subarray(14)), etherType: undefined, destination: MacAddress.broadcast };
    expect(shows(llc)).toBe(true);
  });

  it("keeps an attached station's traffic away from the daemon", () => {
    expect(shows(frame(ALICE, EtherType.IPV4, udpPacket(ATTACHED4, CORRESPONDENT4)))).toBe(false);
    expect(shows(frame(ALICE, EtherType.IPV6, udpPacket(ATTACHED6, CORRESPONDENT6)))).toBe(false);
    expect(shows(frame(ALICE, EtherType.IPV4, toPort(68)))).toBe(false);
    expect(shows(frame(ALICE, EtherType.IPV6, toPort6(546)))).toBe(false);
  });

  it('shows the first packet of a station that is not attached, and of one that no longer is', () => {
    const packet = udpPacket(ATTACHED4, CORRESPONDENT4);
    expect(shows(frame(BOB, EtherType.IPV4, packet))).toBe(true);
    bed.plane.apply([{ kind: 'clear', forwardingKind: 'access', id: 'attached' }]);
    expect(shows(frame(ALICE, EtherType.IPV4, packet))).toBe(true);
  });

  it('shows nothing of another link', () => {
    expect(shows(frame(BOB, EtherType.IPV4, udpPacket(ATTACHED4, CORRESPONDENT4)), 'access2')).toBe(false);
  });
});

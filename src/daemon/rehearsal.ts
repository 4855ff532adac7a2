import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { Netlink } from '#host/netlink.ts';
import { changeLink, InterfaceFlag, restoreAddress } from '#host/netlink-requests.ts';
import { inNewNetworkNamespace } from '#host/netns.ts';
import { close, ifNameToIndex, write } from '#host/posix.ts';
import { openTap } from '#host/tap.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { LogLimiter } from './log-limiter.ts';
import { type Node, startNode } from './node.ts';
import type { DataPlaneChoice } from './preflight.ts';

/** Where the mobile node of the rehearsal goes to and fro. */
const accessLinks = ['acc1', 'acc2'] as const;
const station = new MacAddress(0x0200, 0xde000001);
const addresses = ['2001:db8:cafe:1024::101', '2001:db8:cafe:1025::15', '2001:db8:cafe:1026::15'] as const;
/** A handover takes fewer, unless something does not go as it should. */
const MOST_ROUNDS = 20;
/** Then it is enough, done or not. */
const LONGEST_MS = 1000;

/** An LMA and two MAGs on one host, in the addresses of the documentation. */
const configurationText = `
hostname rehearsal
ip local pool V4 192.0.2.1 192.0.2.9
ipv6 local pool V6 2001:db8:f00d::/48 64
interface GigabitEthernet0/1
  description => Connected to access network
  linux-interface acc1
interface GigabitEthernet0/2
  linux-interface acc2
ipv6 mobile pmipv6-domain D
  replay-protection timestamp window 200
  lma L
    ipv6-address ${addresses[0]}
  mag M1
    ipv6-address ${addresses[1]}
  mag M2
    ipv6-address ${addresses[2]}
  nai rehearsal
    apn example.com
    lma L
    service dual
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${addresses[0]}
  bce lifetime 40000
  default profile rehearsal
  network N
    pool ipv4 V4 pfxlen 24
    pool ipv6 V6 pfxlen 48
    default-router 192.0.2.254
ipv6 mobile pmipv6-mag M1 domain D
  role 3GPP
  discover-mn-detach poll interval 3600 timeout 10 retries 10
  address ipv6 ${addresses[1]}
  interface GigabitEthernet0/1
    enable pmipv6 default rehearsal
ipv6 mobile pmipv6-mag M2 domain D
  role 3GPP
  discover-mn-detach poll interval 3600 timeout 10 retries 10
  address ipv6 ${addresses[2]}
  interface GigabitEthernet0/2
    enable pmipv6 default rehearsal
`;

/**
 * Plays handovers through the whole program, sockets and data plane included, in a network namespace that nobody else sees and that is
 * gone afterwards: the first real handover then finds its code compiled, and takes a third of the time. Returns how many were completed.
 * Throws what starting a node throws, and `SystemCallError` without CAP_SYS_ADMIN; the daemon does as well without it.
 */
export function rehearse(handovers: number, dataPlane: DataPlaneChoice): number {
  return inNewNetworkNamespace(() => {
    const links = accessLinks.map(makeLinks);
    const log = new LogLimiter('error', () => {});
    const options = {
      configurationText,
      dataPlane,
      fileName: 'rehearsal',
      seed: 1,
      socketPrefix: '',
      stateDirectory: undefined,
      version: '',
    };
    const node = startNode(options, log);
    const end = monotonicMilliseconds() + LONGEST_MS;
    try {
      let completed = 0;
      for (let i = 0; i < handovers && monotonicMilliseconds() < end; i++) {
        if (handOver(node, i % 2, links[i % 2] as number)) completed++;
      }
      return completed;
    } finally {
      node.stop('for-good');
      for (const fd of links) close(fd);
    }
  });
}

const UDP = 17;
const homeAddress = new Ipv4Address(0xc0000201);
const home = new Ipv6Address(0x20010db8, 0xf00d0000, 0, 1);
const elsewhere4 = new Ipv4Address(0xc633640a);
const elsewhere6 = new Ipv6Address(0x20010db8, 0x01000000, 0, 1);
/** What a MAG sees first of the station: the layer-2 update, and the packets that it goes on sending meanwhile. */
const arrival = [
  encodeLayer2Update(station),
  dataFrame('ipv4'),
  dataFrame('ipv6'),
  dataFrame('ipv4'),
  dataFrame('ipv6'),
];

function dataFrame(family: 'ipv4' | 'ipv6'): Uint8Array {
  const payload = new Uint8Array(64);
  const packet =
    family === 'ipv4'
      ? encodeIpv4({ ttl: 64, protocol: UDP, source: homeAddress, destination: elsewhere4, payload })
      : encodeIpv6({ hopLimit: 64, nextHeader: UDP, source: home, destination: elsewhere6, payload });
  const etherType = family === 'ipv4' ? EtherType.IPV4 : EtherType.IPV6;
  return encodeEthernet({ destination: MacAddress.pmipv6Mag, source: station, tags: [], etherType, payload: packet });
}

function makeLinks(name: string): number {
  const fd = openTap(name);
  const netlink = new Netlink();
  try {
    netlink.request(changeLink(ifNameToIndex(name), { set: InterfaceFlag.UP }));
    const loopback = ifNameToIndex('lo');
    netlink.request(changeLink(loopback, { set: InterfaceFlag.UP }));
    // As an operator's: what has our mark and is not the node's goes when the node starts.
    for (const address of addresses)
      netlink.request(restoreAddress(loopback, Ipv6Prefix.parse(`${address}/128`) as Ipv6Prefix));
  } finally {
    netlink.close();
  }
  return fd;
}

/** The access point of a MAG announces the mobile node; returns whether that MAG got the binding, and the other has it no longer. */
function handOver({ runtime, mags }: Node, to: number, link: number): boolean {
  for (const frame of arrival) write(link, frame, frame.length);
  const isDone = () =>
    mags.every(({ machine }, i) => {
      const [binding] = machine.snapshot();
      return i === to ? binding?.state === 'ACTIVE' : binding === undefined;
    });
  for (let round = 0; round < MOST_ROUNDS && !isDone(); round++) runtime.round();
  return isDone();
}

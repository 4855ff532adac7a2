/** Who asks on a link of correspondent nodes for the link-layer addresses of mobile nodes. */
import { concatBytes, writeU16 } from '#base/bytes.ts';
import { Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { foldChecksum, pseudoHeaderSum, sumOctets } from '#wire/checksum.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { BOB, CORRESPONDENT4, CORRESPONDENT6, ipv4, ipv6, mac } from './bed.ts';
import { NODE_MAC } from './kernel-bed.ts';
import { udpPacket } from './packets.ts';
import {
  ARP,
  CUSTOMERS,
  framed,
  home4,
  home6,
  NOBODY,
  type Outcome,
  type ProgramCase,
  passes,
  redirects,
} from './program-bed.ts';

const NOBODYS4 = ipv4('192.0.2.200');
const NOBODYS6 = ipv6('2001:db8:f00d:ff::1');
const BEYOND4 = ipv4('203.0.113.1');
const BEYOND6 = ipv6('2001:db8:beef:1::9');
const ALL_SOLICITED = ipv6('ff02::1:ff00:9');
const GROUP = mac('33:33:ff:00:00:09');

interface Question {
  readonly operation?: number;
  readonly sender?: typeof CORRESPONDENT4;
}

const arp = (target = home4(0), { operation = ArpOperation.REQUEST, sender = CORRESPONDENT4 }: Question = {}) =>
  encodeArp({ operation, senderMac: BOB, senderAddress: sender, targetMac: NOBODY, targetAddress: target });
const reply = encodeArp({
  operation: ArpOperation.REPLY,
  senderMac: NODE_MAC.inet,
  senderAddress: home4(0),
  targetMac: BOB,
  targetAddress: CORRESPONDENT4,
});
const byArp = (name: string, packet: Uint8Array, outcome: Outcome): ProgramCase => ({
  program: 'neighbours',
  name: `ARP ${name}`,
  frame: framed(MacAddress.broadcast, BOB, packet, ARP),
  ...outcome,
});

/** As the proxy answers. */
function told(destination: Ipv6Address): Uint8Array {
  const source = linkLocalFromMac(NODE_MAC.inet);
  const payload = encodeIcmpv6(
    {
      kind: 'neighbor-advertisement',
      router: false,
      solicited: !destination.isMulticast,
      override: false,
      target: home6(0),
      options: [{ kind: 'target-link-layer-address', mac: NODE_MAC.inet }],
    },
    source,
    destination,
  );
  return encodeIpv6({ source, destination, nextHeader: ICMPV6_PROTOCOL, hopLimit: 255, payload });
}

interface Solicitation {
  readonly target?: Ipv6Address;
  readonly source?: Ipv6Address;
  readonly destination?: Ipv6Address;
  readonly hopLimit?: number;
  /** Behind the target. */
  readonly options?: readonly (readonly number[])[];
  /** Octets of the message. */
  readonly changes?: Readonly<Record<number, number>>;
  /** Of what was right before. */
  readonly wrongSum?: boolean;
}

const LINK_LAYER = [1, 1, ...BOB.toBytes()];
const solicitation = ({
  target = home6(0),
  source = CORRESPONDENT6,
  destination = ALL_SOLICITED,
  hopLimit = 255,
  options = [LINK_LAYER],
  changes = {},
  wrongSum = false,
}: Solicitation = {}) => {
  const fixed = new Uint8Array(24);
  fixed[0] = 135;
  target.write(fixed, 8);
  const payload = concatBytes(fixed, ...options.map((option) => Uint8Array.from(option)));
  for (const [at, octet] of Object.entries(changes)) payload[Number(at)] = octet;
  const sum =
    pseudoHeaderSum(source, destination, payload.length, ICMPV6_PROTOCOL) + sumOctets(payload, 0, payload.length);
  writeU16(payload, 2, foldChecksum(sum) ^ Number(wrongSum));
  return encodeIpv6({ source, destination, nextHeader: ICMPV6_PROTOCOL, hopLimit, payload });
};
const byDiscovery = (name: string, packet: Uint8Array, outcome: Outcome): ProgramCase => ({
  program: 'neighbours',
  name: `a solicitation ${name}`,
  frame: framed(GROUP, BOB, packet),
  ...outcome,
});
const wrong = (name: string, changed: Solicitation) => byDiscovery(name, solicitation(changed), passes);
const probe = { source: Ipv6Address.unspecified, options: [] };

export const neighbourCases: readonly ProgramCase[] = [
  byArp('for a mobile node', arp(), { ...redirects, leaves: reply }),
  byArp('that probes for its address', arp(home4(0), { sender: ipv4('0.0.0.0') }), redirects),
  byArp('for nobody', arp(NOBODYS4), passes),
  byArp('for one of another link', arp(BEYOND4), passes),
  byArp('that announces', arp(home4(0), { sender: home4(0) }), passes),
  byArp('that replies', arp(home4(0), { operation: ArpOperation.REPLY }), passes),
  byArp('that is cut off', arp().subarray(0, 27), passes),
  { ...byArp('where no pools lie', arp(), passes), port: 'core' },
  byArp("for a customer's", arp(home4(CUSTOMERS)), passes),
  { ...byArp("for a customer's, on its link", arp(home4(CUSTOMERS)), redirects), port: 'inet1' },
  { ...byArp("for another's, on a link of a customer", arp(), passes), port: 'inet1' },
  byDiscovery('for a mobile node', solicitation(), { ...redirects, leaves: told(CORRESPONDENT6) }),
  byDiscovery('without options', solicitation({ options: [] }), redirects),
  byDiscovery('with a nonce', solicitation({ options: [LINK_LAYER, [14, 1, 1, 2, 3, 4, 5, 6]] }), redirects),
  byDiscovery('to the node itself', solicitation({ destination: home6(0) }), redirects),
  byDiscovery('without an address', solicitation(probe), { ...redirects, leaves: told(Ipv6Address.allNodes) }),
  wrong('without an address, that names a link-layer address', { source: Ipv6Address.unspecified }),
  wrong('without an address, to another group', { ...probe, destination: ipv6('ff02::1') }),
  wrong('for nobody', { target: NOBODYS6 }),
  wrong('for one of another link', { target: BEYOND6 }),
  wrong('for a group', { target: ipv6('ff02::1') }),
  wrong('that passed a router', { hopLimit: 254 }),
  wrong('with another code', { changes: { 1: 1 } }),
  wrong('with a wrong checksum', { wrongSum: true }),
  wrong('with an option of no length', { options: [[1, 0, 0, 0, 0, 0, 0, 0]] }),
  wrong('with an option that is longer than the message', { options: [[1, 2, 0, 0, 0, 0, 0, 0]] }),
  wrong('of an odd length', { options: [[1, 1, 2, 3]] }),
  byDiscovery('that is too short', tooShort(), passes),
  wrong('that is longer than any', { options: Array.from({ length: 14 }, () => LINK_LAYER) }),
  {
    ...byDiscovery("for a customer's, on its link", solicitation({ target: home6(CUSTOMERS) }), redirects),
    port: 'inet1',
  },
  { ...byDiscovery("for another's, on a link of a customer", solicitation(), passes), port: 'inet1' },
  byDiscovery('that is cut off', solicitation().subarray(0, 70), passes),
  byDiscovery('that is none', advertisement(), passes),
  { ...byDiscovery('where no pools lie', solicitation(), passes), port: 'core' },
  {
    program: 'neighbours',
    name: 'data',
    frame: framed(NODE_MAC.inet, BOB, udpPacket(CORRESPONDENT6, home6(0))),
    ...passes,
  },
  {
    program: 'neighbours',
    name: 'IPv4',
    frame: framed(NODE_MAC.inet, BOB, udpPacket(CORRESPONDENT4, home4(0))),
    ...passes,
  },
];

/** Without the last word of its target. */
function tooShort(): Uint8Array {
  const payload = new Uint8Array(16);
  payload[0] = 135;
  const sum = pseudoHeaderSum(CORRESPONDENT6, home6(0), payload.length, ICMPV6_PROTOCOL) + sumOctets(payload, 0, 16);
  writeU16(payload, 2, foldChecksum(sum));
  return encodeIpv6({
    source: CORRESPONDENT6,
    destination: home6(0),
    nextHeader: ICMPV6_PROTOCOL,
    hopLimit: 255,
    payload,
  });
}

function advertisement(): Uint8Array {
  const message = { kind: 'neighbor-advertisement', router: false, solicited: true, override: true } as const;
  const payload = encodeIcmpv6({ ...message, target: home6(0), options: [] }, CORRESPONDENT6, home6(0));
  return encodeIpv6({
    source: CORRESPONDENT6,
    destination: home6(0),
    nextHeader: ICMPV6_PROTOCOL,
    hopLimit: 255,
    payload,
  });
}

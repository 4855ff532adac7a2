import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, type Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { decodeIcmpv6, encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import type { NodeForwarding } from './desired.ts';

type Prefix = Ipv4Prefix | Ipv6Prefix;

/**
 * A link to correspondent nodes on which addresses of mobile nodes seem to be, so that their neighbours ask for them there. The node that anchors them
 * answers: proxy ARP, and RFC 4861 §7.2.8 "Proxy Neighbor Advertisements". Differs: "A proxy MUST join the solicited-node multicast address(es)", which a million mobile nodes are too many for; the
 * link hears all groups instead.
 */
export interface ProxiedLink {
  readonly mac: MacAddress;
  /** Its answers come from there; without it none does in IPv6. */
  readonly linkLocal: Ipv6Address | undefined;
  /** Whose pools they are. */
  readonly customer: number;
  /** Where addresses of pools are on the link. */
  readonly ranges: readonly Prefix[];
}

/** Whether a mobile node that is anchored here has an address. */
export type IsAnchored = (customer: number, address: Ipv4Address | Ipv6Address) => boolean;

/** An on-link prefix of 64 bits is that of the hosts of the link, and of no mobile node. */
const LONGEST_ON_LINK = 63;
const ND_HOP_LIMIT = 255;

/** The parts of pools that lie on a link with these prefixes. */
export function rangesOnLink(onLink: readonly Prefix[], pools: NodeForwarding['pools']): Prefix[] {
  return onLink.flatMap((prefix): Prefix[] => {
    if (prefix instanceof Ipv4Prefix) return pools.ipv4.flatMap((pool) => common(prefix, pool) ?? []);
    if (prefix.length > LONGEST_ON_LINK) return [];
    return pools.ipv6.flatMap((pool) => common(prefix, pool) ?? []);
  });
}

/** The frame that answers one that asks for a mobile node's link-layer address; `undefined` for every other. */
export function proxyAnswer(frame: Uint8Array, link: ProxiedLink, isAnchored: IsAnchored): Uint8Array | undefined {
  const decoded = decodeEthernet(frame);
  if (!decoded.ok || decoded.value.tags.length > 0) return undefined;
  const { etherType, source, payload } = decoded.value;
  const isProxied = (address: Ipv4Address | Ipv6Address) =>
    link.ranges.some((range) => contains(range, address)) && isAnchored(link.customer, address);
  const answer =
    etherType === EtherType.ARP
      ? arpReply(payload, link.mac, isProxied)
      : etherType === EtherType.IPV6
        ? advertisement(payload, source, link, isProxied)
        : undefined;
  return answer && encodeEthernet({ source: link.mac, tags: [], ...answer });
}

interface Answer {
  readonly destination: MacAddress;
  readonly etherType: number;
  readonly payload: Uint8Array;
}

/** A probe, whose sender has no address yet, is answered too: the address is in use. */
function arpReply(
  payload: Uint8Array,
  mac: MacAddress,
  isProxied: (address: Ipv4Address) => boolean,
): Answer | undefined {
  const decoded = decodeArp(payload);
  if (!decoded.ok) return undefined;
  const { operation, senderMac, senderAddress, targetAddress } = decoded.value;
  if (operation !== ArpOperation.REQUEST || senderAddress.equals(targetAddress) || !isProxied(targetAddress))
    return undefined;
  const reply = encodeArp({
    operation: ArpOperation.REPLY,
    senderMac: mac,
    senderAddress: targetAddress,
    targetMac: senderMac,
    targetAddress: senderAddress,
  });
  return { destination: senderMac, etherType: EtherType.ARP, payload: reply };
}

/**
 * RFC 4861 §7.2.8 "Proxy Neighbor Advertisements" has "the Override flag set to zero", so that the answer of a host that has the address itself counts more. §7.2.4 "Sending
 * Solicited Neighbor Advertisements": to a node that solicits without an address, it "MUST set the Solicited flag to zero and multicast the
 * advertisement to the all-nodes address".
 */
function advertisement(
  packet: Uint8Array,
  asker: MacAddress,
  { mac, linkLocal }: ProxiedLink,
  isProxied: (address: Ipv6Address) => boolean,
): Answer | undefined {
  const decoded = decodeIpv6(packet);
  if (!decoded.ok || !linkLocal) return undefined;
  const { nextHeader, hopLimit, source, destination, payload, fragment } = decoded.value;
  if (nextHeader !== ICMPV6_PROTOCOL || hopLimit !== ND_HOP_LIMIT || fragment) return undefined;
  const message = decodeIcmpv6(payload, source, destination);
  if (!message.ok || message.value.kind !== 'neighbor-solicitation' || !isProxied(message.value.target))
    return undefined;
  const to = source.isUnspecified ? Ipv6Address.allNodes : source;
  const told = encodeIcmpv6(
    {
      kind: 'neighbor-advertisement',
      router: false,
      solicited: !source.isUnspecified,
      override: false,
      target: message.value.target,
      options: [{ kind: 'target-link-layer-address', mac }],
    },
    linkLocal,
    to,
  );
  const fields = { nextHeader: ICMPV6_PROTOCOL, hopLimit: ND_HOP_LIMIT, source: linkLocal, destination: to };
  return { destination: asker, etherType: EtherType.IPV6, payload: encodeIpv6({ ...fields, payload: told }) };
}

/** Of two prefixes, the one within the other. */
function common(a: Prefix, b: Prefix): Prefix | undefined {
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  return contains(shorter, longer.address) ? longer : undefined;
}

function contains(range: Prefix, address: Ipv4Address | Ipv6Address): boolean {
  if (range instanceof Ipv4Prefix) return address instanceof Ipv4Address && range.contains(address);
  return address instanceof Ipv6Address && range.contains(address);
}

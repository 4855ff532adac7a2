import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { ArpOperation, type ArpPacket, decodeArp, encodeArp } from '#wire/arp.ts';

/** Where ARP of IPv4 over Ethernet has its sender's address, and its length. */
const SENDER_AT = 14;
const LENGTH = 28;

/** `undefined` when the packet is cut off. */
export function arpSender(packet: Uint8Array): Ipv4Address | undefined {
  return packet.length < LENGTH ? undefined : Ipv4Address.read(packet, SENDER_AT);
}

/** A mobile node that asks for the link-layer address of another on what it takes for its link. */
export interface Asker {
  readonly mac: MacAddress;
  /** Of the subnet of its home address; 0: none. */
  readonly homePrefixLength: number;
}

/**
 * RFC 5844 §3.2.4(4) "Routing Considerations for the Mobile Access Gateway": "When receiving an ARP Request, the mobile access gateway SHOULD examine the target IP address of the
 * Request, and if this IP address matches the mobile node's IPv4 home subnet, it SHOULD transmit a Proxy ARP Reply." Never for the node's own address, which it may be probing
 * (RFC 5227 §2.1.1 "Probe Details"), and not for the gateway's, for which the kernel answers. `undefined`: it is no such request.
 */
export function homeSubnetReply(
  packet: Uint8Array,
  asker: Asker,
  gateway: MacAddress,
  isGateway: (address: Ipv4Address) => boolean,
): Uint8Array | undefined {
  const decoded = decodeArp(packet);
  if (!decoded.ok || !asksForNeighbour(decoded.value, asker.homePrefixLength)) return undefined;
  const { senderAddress, targetAddress } = decoded.value;
  if (isGateway(targetAddress)) return undefined;
  return encodeArp({
    operation: ArpOperation.REPLY,
    senderMac: gateway,
    senderAddress: targetAddress,
    targetMac: asker.mac,
    targetAddress: senderAddress,
  });
}

function asksForNeighbour({ operation, senderAddress, targetAddress }: ArpPacket, prefixLength: number): boolean {
  const isOther = operation === ArpOperation.REQUEST && !targetAddress.equals(senderAddress);
  return isOther && prefixLength > 0 && new Ipv4Prefix(senderAddress, prefixLength).contains(targetAddress);
}

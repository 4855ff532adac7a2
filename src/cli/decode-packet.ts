/** Takes a captured packet apart, down to the signalling of PMIPv6 and of its access links. */
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { type ArpPacket, decodeArp } from '#wire/arp.ts';
import { LinkType } from '#wire/capture-file.ts';
import { DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT, type Dhcpv4Message, decodeDhcpv4 } from '#wire/dhcpv4.ts';
import type { WireError } from '#wire/error.ts';
import { decodeEthernet, type EthernetFrame, EtherType } from '#wire/ethernet.ts';
import { decodeIcmpv6, ICMPV6_PROTOCOL, type Icmpv6Message } from '#wire/icmpv6.ts';
import { decodeIpv4, type Ipv4Packet } from '#wire/ipv4.ts';
import { decodeIpv6, type Ipv6Packet } from '#wire/ipv6.ts';
import { isLayer2Update } from '#wire/llc-xid.ts';
import {
  decodeMobilityHeader,
  MOBILITY_PROTOCOL,
  type MobilityMessage,
  mobilityChecksum,
} from '#wire/mobility/index.ts';
import { decodeUdp, UDP_PROTOCOL, type UdpDatagram } from '#wire/udp.ts';

/** RFC 5844 §4 "IPv4 Transport Support": signalling between UDP ports 5436. */
export const MOBILITY_UDP_PORT = 5436;

export type Layer =
  | { readonly protocol: 'ethernet'; readonly at: number; readonly value: EthernetFrame }
  | { readonly protocol: 'layer-2-update'; readonly at: number; readonly value: EthernetFrame }
  | { readonly protocol: 'arp'; readonly at: number; readonly value: ArpPacket }
  | { readonly protocol: 'ipv4'; readonly at: number; readonly value: Ipv4Packet }
  | { readonly protocol: 'ipv6'; readonly at: number; readonly value: Ipv6Packet }
  | { readonly protocol: 'udp'; readonly at: number; readonly value: UdpDatagram }
  | { readonly protocol: 'icmpv6'; readonly at: number; readonly value: Icmpv6Message }
  | { readonly protocol: 'dhcpv4'; readonly at: number; readonly value: Dhcpv4Message }
  | {
      readonly protocol: 'mobility';
      readonly at: number;
      readonly value: MobilityMessage;
      readonly checksum: MobilityChecksum;
    };

/** `unused`: over IPv4 the field is not looked at. */
export interface MobilityChecksum {
  readonly field: number;
  readonly state: 'correct' | 'incorrect' | 'unused';
  readonly expected: number;
}

export interface LayerFault {
  readonly protocol: Layer['protocol'];
  /** Of the layer in the packet. */
  readonly at: number;
  readonly error: WireError;
}

export interface Dissection {
  readonly layers: readonly Layer[];
  readonly fault: LayerFault | undefined;
  /** Why the layers end early although nothing is malformed. */
  readonly note: string | undefined;
}

/** What `bytes` start with. */
export type Start = 'ethernet' | 'ip' | 'mobility';

export function startOf(linkType: number): { readonly start: Start; readonly skip: number } | undefined {
  switch (linkType) {
    case LinkType.ETHERNET:
      return { start: 'ethernet', skip: 0 };
    case LinkType.RAW:
    case LinkType.IPV4:
    case LinkType.IPV6:
      return { start: 'ip', skip: 0 };
    case LinkType.NULL:
      return { start: 'ip', skip: 4 };
    case LinkType.LINUX_SLL:
      return { start: 'ip', skip: 16 };
    case LinkType.LINUX_SLL2:
      return { start: 'ip', skip: 20 };
    default:
      return undefined;
  }
}

export function dissect(bytes: Uint8Array, start: Start, skip = 0): Dissection {
  return new Dissector(bytes).run(start, skip);
}

class Dissector {
  readonly #bytes: Uint8Array;
  readonly #layers: Layer[] = [];
  #fault: LayerFault | undefined;
  #note: string | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  run(start: Start, skip: number): Dissection {
    if (start === 'ethernet') this.#ethernet(skip);
    else if (start === 'ip') this.#ip(this.#bytes.subarray(skip));
    else this.#mobility(this.#bytes.subarray(skip), undefined, undefined);
    return { layers: this.#layers, fault: this.#fault, note: this.#note };
  }

  #ethernet(at: number): void {
    const decoded = decodeEthernet(this.#bytes.subarray(at));
    if (!decoded.ok) {
      this.#fail('ethernet', at, decoded.error);
      return;
    }
    const frame = decoded.value;
    this.#layers.push({ protocol: 'ethernet', at, value: frame });
    if (isLayer2Update(frame)) {
      this.#layers.push({ protocol: 'layer-2-update', at: this.#offsetOf(frame.payload), value: frame });
    } else if (frame.etherType === EtherType.ARP) this.#arp(frame.payload);
    else if (frame.etherType === EtherType.IPV4 || frame.etherType === EtherType.IPV6) this.#ip(frame.payload);
  }

  #arp(payload: Uint8Array): void {
    const at = this.#offsetOf(payload);
    const decoded = decodeArp(payload);
    if (decoded.ok) this.#layers.push({ protocol: 'arp', at, value: decoded.value });
    else this.#fail('arp', at, decoded.error);
  }

  #ip(bytes: Uint8Array): void {
    if (((bytes[0] ?? 0) & 0xf0) === 0x40) this.#ipv4(bytes);
    else this.#ipv6(bytes);
  }

  #ipv4(bytes: Uint8Array): void {
    const at = this.#offsetOf(bytes);
    const decoded = decodeIpv4(bytes);
    if (!decoded.ok) {
      this.#fail('ipv4', at, decoded.error);
      return;
    }
    const packet = decoded.value;
    this.#layers.push({ protocol: 'ipv4', at, value: packet });
    if (packet.fragmentOffset > 0 || packet.moreFragments) this.#note = 'a fragment; it is not reassembled';
    else if (packet.protocol === UDP_PROTOCOL) this.#udp(packet.payload, packet.source, packet.destination);
  }

  #ipv6(bytes: Uint8Array): void {
    const at = this.#offsetOf(bytes);
    const decoded = decodeIpv6(bytes);
    if (!decoded.ok) {
      this.#fail('ipv6', at, decoded.error);
      return;
    }
    const packet = decoded.value;
    const source = packet.homeAddress ?? packet.source;
    const destination = packet.routedHomeAddress ?? packet.destination;
    this.#layers.push({ protocol: 'ipv6', at, value: packet });
    if (packet.fragment && (packet.fragment.offset > 0 || packet.fragment.more)) {
      this.#note = 'a fragment; it is not reassembled';
    } else if (packet.nextHeader === MOBILITY_PROTOCOL) this.#mobility(packet.payload, source, destination);
    else if (packet.nextHeader === UDP_PROTOCOL) this.#udp(packet.payload, source, destination);
    else if (packet.nextHeader === ICMPV6_PROTOCOL) this.#icmpv6(packet.payload, source, destination);
  }

  #udp(bytes: Uint8Array, source: Ipv4Address | Ipv6Address, destination: Ipv4Address | Ipv6Address): void {
    const at = this.#offsetOf(bytes);
    const decoded = decodeUdp(bytes, source, destination);
    if (!decoded.ok) {
      this.#fail('udp', at, decoded.error);
      return;
    }
    const datagram = decoded.value;
    this.#layers.push({ protocol: 'udp', at, value: datagram });
    const isFor = (port: number) => datagram.sourcePort === port || datagram.destinationPort === port;
    if (isFor(MOBILITY_UDP_PORT)) this.#mobility(datagram.payload, undefined, undefined);
    else if (isFor(DHCPV4_SERVER_PORT) || isFor(DHCPV4_CLIENT_PORT)) this.#dhcpv4(datagram.payload);
  }

  #icmpv6(bytes: Uint8Array, source: Ipv6Address, destination: Ipv6Address): void {
    const at = this.#offsetOf(bytes);
    const decoded = decodeIcmpv6(bytes, source, destination);
    if (decoded.ok) this.#layers.push({ protocol: 'icmpv6', at, value: decoded.value });
    else this.#fail('icmpv6', at, decoded.error);
  }

  #dhcpv4(bytes: Uint8Array): void {
    const at = this.#offsetOf(bytes);
    const decoded = decodeDhcpv4(bytes);
    if (decoded.ok) this.#layers.push({ protocol: 'dhcpv4', at, value: decoded.value });
    else this.#fail('dhcpv4', at, decoded.error);
  }

  #mobility(bytes: Uint8Array, source: Ipv6Address | undefined, destination: Ipv6Address | undefined): void {
    const at = this.#offsetOf(bytes);
    const decoded = decodeMobilityHeader(bytes);
    if (!decoded.ok) {
      this.#fail('mobility', at, decoded.error);
      return;
    }
    const checksum = checksumOf(bytes, source, destination);
    this.#layers.push({ protocol: 'mobility', at, value: decoded.value, checksum });
  }

  #fail(protocol: Layer['protocol'], at: number, error: WireError): void {
    this.#fault = { protocol, at, error };
  }

  #offsetOf(view: Uint8Array): number {
    return view.byteOffset - this.#bytes.byteOffset;
  }
}

function checksumOf(
  bytes: Uint8Array,
  source: Ipv6Address | undefined,
  destination: Ipv6Address | undefined,
): MobilityChecksum {
  const field = ((bytes[4] as number) << 8) | (bytes[5] as number);
  if (source === undefined || destination === undefined) return { field, state: 'unused', expected: 0 };
  const expected = mobilityChecksum(source, destination, bytes);
  return { field, state: field === expected ? 'correct' : 'incorrect', expected };
}

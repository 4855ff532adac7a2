/** Takes a captured packet apart, through tunnels too, down to the signalling of PMIPv6, of its access links and of RADIUS. */
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { ok } from '#base/result.ts';
import { type ArpPacket, decodeArp } from '#wire/arp.ts';
import { LinkType } from '#wire/capture-file.ts';
import { DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT, type Dhcpv4Message, decodeDhcpv4 } from '#wire/dhcpv4.ts';
import { DHCPV6_CLIENT_PORT, DHCPV6_SERVER_PORT, type Dhcpv6Message, decodeDhcpv6 } from '#wire/dhcpv6.ts';
import type { Decoded, WireError } from '#wire/error.ts';
import { decodeEthernet, type EthernetFrame, EtherType } from '#wire/ethernet.ts';
import { decodeGre, GRE_PROTOCOL, type GrePacket } from '#wire/gre.ts';
import { decodeIcmpv4, ICMPV4_PROTOCOL, type Icmpv4Message } from '#wire/icmpv4.ts';
import { decodeIcmpv6, ICMPV6_PROTOCOL, type Icmpv6Message } from '#wire/icmpv6.ts';
import { decodeIpv4, type Ipv4Packet } from '#wire/ipv4.ts';
import { decodeIpv6, type Ipv6Packet } from '#wire/ipv6.ts';
import { isLayer2Update } from '#wire/llc-xid.ts';
import {
  decodeMobilityHeader,
  decodeMobilityHeaderLeniently,
  MOBILITY_PROTOCOL,
  type MobilityMessage,
  mobilityChecksum,
} from '#wire/mobility/index.ts';
import {
  decodeRadius,
  RADIUS_ACCOUNTING_PORT,
  RADIUS_AUTHENTICATION_PORT,
  RADIUS_DYNAMIC_AUTHORIZATION_PORT,
  type RadiusPacket,
} from '#wire/radius.ts';
import { decodeTlvTunnel, startsWithTlvHeader, type TlvTunnelPacket, TUNNEL_UDP_PORT } from '#wire/tlv-header.ts';
import { decodeUdp, UDP_PROTOCOL, type UdpDatagram } from '#wire/udp.ts';

/** RFC 5844 §4 "IPv4 Transport Support": signalling between UDP ports 5436. */
export const MOBILITY_UDP_PORT = 5436;

const IPV4_IN_IP = 4;
const IPV6_IN_IP = 41;
/** Layers of one packet, so that none costs more than its length. */
const DEEPEST = 16;
const FRAGMENT = 'a fragment; it is not reassembled';

export type UdpService = 'mobility' | 'tunnel' | 'dhcpv4' | 'dhcpv6' | 'radius';

const serviceByPort = new Map<number, UdpService>([
  [MOBILITY_UDP_PORT, 'mobility'],
  [TUNNEL_UDP_PORT, 'tunnel'],
  [DHCPV4_SERVER_PORT, 'dhcpv4'],
  [DHCPV4_CLIENT_PORT, 'dhcpv4'],
  [DHCPV6_SERVER_PORT, 'dhcpv6'],
  [DHCPV6_CLIENT_PORT, 'dhcpv6'],
  [RADIUS_AUTHENTICATION_PORT, 'radius'],
  [RADIUS_ACCOUNTING_PORT, 'radius'],
  [RADIUS_DYNAMIC_AUTHORIZATION_PORT, 'radius'],
]);

/** What a datagram carries by its ports, that of its receiver first. */
export function serviceOf({ sourcePort, destinationPort }: UdpDatagram): UdpService | undefined {
  return serviceByPort.get(destinationPort) ?? serviceByPort.get(sourcePort);
}

/** What the octets of each layer but the Mobility Header decode to. */
interface LayerValues {
  readonly ethernet: EthernetFrame;
  readonly 'layer-2-update': EthernetFrame;
  readonly arp: ArpPacket;
  readonly ipv4: Ipv4Packet;
  readonly ipv6: Ipv6Packet;
  readonly udp: UdpDatagram;
  readonly gre: GrePacket;
  readonly 'tlv-header': TlvTunnelPacket;
  readonly icmpv4: Icmpv4Message;
  readonly icmpv6: Icmpv6Message;
  readonly dhcpv4: Dhcpv4Message;
  readonly dhcpv6: Dhcpv6Message;
  readonly radius: RadiusPacket;
}

type PlainLayer = {
  readonly [P in keyof LayerValues]: { readonly protocol: P; readonly at: number; readonly value: LayerValues[P] };
}[keyof LayerValues];

/** `at`: where it starts in the packet. Of a malformed Mobility Header it is what comes before the fault. */
export type Layer =
  | PlainLayer
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
    if (start === 'ethernet') this.#ethernet(this.#bytes.subarray(skip));
    else if (start === 'ip') this.#ip(this.#bytes.subarray(skip));
    else this.#mobility(this.#bytes.subarray(skip), undefined, undefined);
    return { layers: this.#layers, fault: this.#fault, note: this.#note };
  }

  #ethernet(bytes: Uint8Array): void {
    const frame = this.#layer('ethernet', bytes, decodeEthernet);
    if (!frame) return;
    if (isLayer2Update(frame)) this.#layer('layer-2-update', frame.payload, () => ok(frame));
    else this.#etherType(frame.etherType, frame.payload);
  }

  #etherType(type: number | undefined, payload: Uint8Array): void {
    if (type === EtherType.ARP) this.#layer('arp', payload, decodeArp);
    else if (type === EtherType.IPV4 || type === EtherType.IPV6) this.#ip(payload);
  }

  #ip(bytes: Uint8Array): void {
    if (this.#layers.length > DEEPEST) this.#note = 'more tunnels in tunnels than are followed';
    else if (((bytes[0] ?? 0) & 0xf0) === 0x40) this.#ipv4(bytes);
    else this.#ipv6(bytes);
  }

  #ipv4(bytes: Uint8Array): void {
    const packet = this.#layer('ipv4', bytes, decodeIpv4);
    if (!packet) return;
    const { source, destination, payload } = packet;
    if (packet.fragmentOffset > 0 || packet.moreFragments) this.#note = FRAGMENT;
    else if (packet.protocol === ICMPV4_PROTOCOL) this.#layer('icmpv4', payload, decodeIcmpv4);
    else this.#transport(packet.protocol, payload, source, destination);
  }

  #ipv6(bytes: Uint8Array): void {
    const packet = this.#layer('ipv6', bytes, decodeIpv6);
    if (!packet) return;
    const { nextHeader, payload, fragment } = packet;
    const source = packet.homeAddress ?? packet.source;
    const destination = packet.routedHomeAddress ?? packet.destination;
    if (fragment && (fragment.offset > 0 || fragment.more)) this.#note = FRAGMENT;
    else if (nextHeader === MOBILITY_PROTOCOL) this.#mobility(payload, source, destination);
    else if (nextHeader === ICMPV6_PROTOCOL) {
      this.#layer('icmpv6', payload, (octets) => decodeIcmpv6(octets, source, destination));
    } else this.#transport(nextHeader, payload, source, destination);
  }

  #transport<Address extends Ipv4Address | Ipv6Address>(
    protocol: number,
    payload: Uint8Array,
    source: Address,
    destination: Address,
  ): void {
    if (protocol === UDP_PROTOCOL) this.#udp(payload, source, destination);
    else this.#tunnelled(protocol, payload);
  }

  #tunnelled(protocol: number, payload: Uint8Array): void {
    if (protocol === IPV6_IN_IP || protocol === IPV4_IN_IP) this.#ip(payload);
    else if (protocol === GRE_PROTOCOL) {
      const packet = this.#layer('gre', payload, decodeGre);
      if (packet) this.#etherType(packet.protocol, packet.payload);
    }
  }

  #udp(bytes: Uint8Array, source: Ipv4Address | Ipv6Address, destination: Ipv4Address | Ipv6Address): void {
    const datagram = this.#layer('udp', bytes, (octets) => decodeUdp(octets, source, destination));
    if (!datagram) return;
    const { payload } = datagram;
    switch (serviceOf(datagram)) {
      case 'mobility':
        this.#mobility(payload, undefined, undefined);
        break;
      case 'tunnel':
        this.#udpTunnel(payload);
        break;
      case 'dhcpv4':
        this.#layer('dhcpv4', payload, decodeDhcpv4);
        break;
      case 'dhcpv6':
        this.#layer('dhcpv6', payload, decodeDhcpv6);
        break;
      case 'radius':
        this.#layer('radius', payload, decodeRadius);
    }
  }

  #udpTunnel(payload: Uint8Array): void {
    if (!startsWithTlvHeader(payload)) {
      this.#ip(payload);
      return;
    }
    const packet = this.#layer('tlv-header', payload, decodeTlvTunnel);
    if (packet) this.#tunnelled(packet.nextHeader, packet.payload);
  }

  #mobility(bytes: Uint8Array, source: Ipv6Address | undefined, destination: Ipv6Address | undefined): void {
    const at = this.#offsetOf(bytes);
    const decoded = decodeMobilityHeader(bytes);
    const value = decoded.ok ? decoded.value : decodeMobilityHeaderLeniently(bytes);
    if (value) this.#layers.push({ protocol: 'mobility', at, value, checksum: checksumOf(bytes, source, destination) });
    if (!decoded.ok) this.#fault = { protocol: 'mobility', at, error: decoded.error };
  }

  /** Adds the layer that `bytes` start with, or says why it cannot be read. */
  #layer<P extends keyof LayerValues>(
    protocol: P,
    bytes: Uint8Array,
    decode: (bytes: Uint8Array) => Decoded<LayerValues[P]>,
  ): LayerValues[P] | undefined {
    const at = this.#offsetOf(bytes);
    const decoded = decode(bytes);
    if (decoded.ok) {
      this.#layers.push({ protocol, at, value: decoded.value } as Layer);
      return decoded.value;
    }
    this.#fault = { protocol, at, error: decoded.error };
    return undefined;
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

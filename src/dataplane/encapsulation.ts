/** Tunnel packets as whole octets, for what forwards outside of the kernel. */
import { readU16 } from '#base/bytes.ts';
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { decodeGre, encodeGre, GRE_PROTOCOL } from '#wire/gre.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { decodeTlvTunnel, encodeTlvTunnel, startsWithTlvHeader } from '#wire/tlv-header.ts';
import { encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import { NORMAL_MODE } from './congestion.ts';
import type { GreKeys, Path } from './desired.ts';
import { flowLabelOf } from './flow-label.ts';
import { type IpHeader, trafficClass6 } from './ip-packet.ts';
import { TUNNEL_PORTS, TunnelForm, type TunnelHeaders } from './tunnel-form.ts';

const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const IPV4_PROTOCOL = 4;
const IPV6_PROTOCOL = 41;
const DESTINATION_OPTIONS = 60;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const HOP_LIMIT = 64;

/**
 * The packet in the tunnel of a path; of the traffic class the bits of `copiedClass` are copied, an IPv6 header has a flow label, IPv4 is not to be fragmented. RFC 5213 §5.6.1(1) "Bi-Directional Tunnel Management": "IPv6-in-IPv6 encapsulation, as
 * described in [RFC2473]", where nothing else was agreed; RFC 5213 §5.6.2(3) "Forwarding Considerations". RFC 5213 §5.6.3(1) "Explicit Congestion Notification (ECN) Considerations for Proxy Mobile IPv6 Tunnels": "the ECN field from the inner header MUST be
 * copied to the outer header."
 */
export function encapsulate(
  packet: Uint8Array,
  header: IpHeader,
  path: Path,
  { keys, copiedClass = NORMAL_MODE }: OuterFields = {},
): Uint8Array {
  const { local: source, remote: destination, encapsulation } = path;
  const trafficClass = header.trafficClass & copiedClass;
  const bare = { protocol: header.version === 4 ? IPV4_PROTOCOL : IPV6_PROTOCOL, payload: packet };
  const gre = encapsulation.kind === 'gre' || (encapsulation.kind === 'udp' && encapsulation.gre !== undefined);
  const marked = gre ? { protocol: GRE_PROTOCOL, payload: inGre(packet, header, keys) } : bare;
  const { protocol, payload } = encapsulation.kind === 'udp' ? inUdp(marked, path, encapsulation) : marked;
  if (source instanceof Ipv4Address) {
    const ends = { source, destination: destination as Ipv4Address };
    return encodeIpv4({ ...ends, trafficClass, ttl: HOP_LIMIT, protocol, payload, dontFragment: true });
  }
  const ends = { source, destination: destination as Ipv6Address };
  const flowLabel = flowLabelOf(packet, header);
  return encodeIpv6({ ...ends, trafficClass, flowLabel, hopLimit: HOP_LIMIT, nextHeader: protocol, payload });
}

/** Of the outer headers what the path does not say; `copiedClass` as that of congestion.ts, of normal mode when absent. */
interface OuterFields {
  readonly keys?: GreKeys | undefined;
  readonly copiedClass?: number;
}

/** What came out of a tunnel; `inner` is a view. */
export interface TunnelPacket extends TunnelHeaders {
  readonly version: 4 | 6;
  readonly inner: Uint8Array;
  readonly trafficClass: number;
}

/** `undefined` when it is no tunnel packet, `malformed` when it is a damaged one. */
export function decapsulate(packet: Uint8Array): TunnelPacket | 'malformed' | undefined {
  const version = (packet[0] ?? 0) >>> 4;
  if (version === 4) return decapsulateIpv4(packet);
  if (version !== 6 || packet.length < IPV6_HEADER) return undefined;
  const end = IPV6_HEADER + readU16(packet, 4);
  if (end > packet.length) return 'malformed';
  const hasOptions = packet[6] === DESTINATION_OPTIONS && packet[IPV6_HEADER + 1] === 0;
  const next = (hasOptions ? packet[IPV6_HEADER] : packet[6]) as number;
  const payload = packet.subarray(IPV6_HEADER + (hasOptions ? 8 : 0), end);
  const ends = { source: Ipv6Address.read(packet, 8), destination: Ipv6Address.read(packet, 24) };
  return unwrap(next, payload, { ...ends, trafficClass: trafficClass6(packet) });
}

interface Outer {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly trafficClass: number;
}

/** Takes apart what followed an IP header whose fields are known. Of UDP only to the ports of tunnels. */
export function unwrap(protocol: number, payload: Uint8Array, outer: Outer): TunnelPacket | 'malformed' | undefined {
  const form = TunnelForm.USED | (outer.source instanceof Ipv4Address ? TunnelForm.IPV4 : 0);
  const base = { ...outer, form, sourcePort: 0, destinationPort: 0, key: undefined };
  if (protocol !== UDP_PROTOCOL) return unwrapPayload(protocol, payload, base);
  if (!(outer.source instanceof Ipv4Address) || payload.length <= UDP_HEADER) return undefined;
  const [sourcePort, destinationPort] = [readU16(payload, 0), readU16(payload, 2)];
  if (!TUNNEL_PORTS.includes(destinationPort)) return undefined;
  const datagram = payload.subarray(UDP_HEADER);
  if (startsWithTlvHeader(datagram) && readU16(payload, 4) !== payload.length) return 'malformed';
  return unwrapDatagram(datagram, { ...outer, sourcePort, destinationPort });
}

/** The same of a datagram that came to the port of a tunnel. */
export function unwrapDatagram(
  datagram: Uint8Array,
  outer: Outer & { readonly sourcePort: number; readonly destinationPort: number },
): TunnelPacket | 'malformed' | undefined {
  const base = { ...outer, form: TunnelForm.USED | TunnelForm.IPV4 | TunnelForm.UDP, key: undefined };
  const version = (datagram[0] ?? 0) >>> 4;
  if (version === 4 || version === 6) return { ...base, version, inner: datagram };
  if (!startsWithTlvHeader(datagram)) return undefined;
  const tlv = decodeTlvTunnel(datagram);
  if (!tlv.ok) return 'malformed';
  return unwrapPayload(tlv.value.nextHeader, tlv.value.payload, { ...base, form: base.form | TunnelForm.TLV });
}

function decapsulateIpv4(packet: Uint8Array): TunnelPacket | 'malformed' | undefined {
  const decoded = decodeIpv4(packet);
  if (!decoded.ok) return 'malformed';
  const { protocol, payload, source, destination, trafficClass } = decoded.value;
  return unwrap(protocol, payload, { source, destination, trafficClass });
}

type Base = Omit<TunnelPacket, 'version' | 'inner'>;

function unwrapPayload(protocol: number, payload: Uint8Array, base: Base): TunnelPacket | 'malformed' | undefined {
  if (protocol === IPV4_PROTOCOL) return { ...base, version: 4, inner: payload };
  if (protocol === IPV6_PROTOCOL) return { ...base, version: 6, inner: payload };
  if (protocol !== GRE_PROTOCOL) return undefined;
  const gre = decodeGre(payload);
  if (!gre.ok || (gre.value.protocol !== ETHERTYPE_IPV4 && gre.value.protocol !== ETHERTYPE_IPV6)) return 'malformed';
  const { key, payload: inner } = gre.value;
  const form = base.form | TunnelForm.GRE | (key === undefined ? 0 : TunnelForm.KEY);
  return { ...base, form, key, version: gre.value.protocol === ETHERTYPE_IPV4 ? 4 : 6, inner };
}

function inGre(packet: Uint8Array, { version }: IpHeader, keys: GreKeys | undefined): Uint8Array {
  const protocol = version === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
  return encodeGre({ protocol, checksum: false, key: keys?.send, sequence: undefined, payload: packet });
}

/** Without a checksum, as over IPv4 there need not be one. */
function inUdp(
  { protocol, payload }: { protocol: number; payload: Uint8Array },
  { local, remote }: Path,
  encapsulation: Extract<Path['encapsulation'], { kind: 'udp' }>,
): { protocol: number; payload: Uint8Array } {
  const { localPort: sourcePort, remotePort: destinationPort, tlvHeader } = encapsulation;
  const body = tlvHeader ? encodeTlvTunnel({ nextHeader: protocol, payload }) : payload;
  const datagram = encodeUdp({ sourcePort, destinationPort, source: local, destination: remote, payload: body });
  datagram.fill(0, 6, 8);
  return { protocol: UDP_PROTOCOL, payload: datagram };
}

import type { Ipv4Address } from '#base/ipv4-address.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeUdp, encodeUdp, UDP_PROTOCOL, type UdpDatagram } from '#wire/udp.ts';

export function udpOverIpv4(
  source: Ipv4Address,
  destination: Ipv4Address,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
): Uint8Array {
  const udp = encodeUdp({ source, destination, sourcePort, destinationPort, payload });
  return encodeIpv4({ source, destination, ttl: 64, protocol: UDP_PROTOCOL, payload: udp });
}

/** `undefined` of any other packet. */
export function readUdpOverIpv4(
  packet: Uint8Array,
): (UdpDatagram & { readonly source: Ipv4Address; readonly destination: Ipv4Address }) | undefined {
  const ip = decodeIpv4(packet);
  if (!ip.ok || ip.value.protocol !== UDP_PROTOCOL) return undefined;
  const { source, destination, payload } = ip.value;
  const udp = decodeUdp(payload, source, destination);
  return udp.ok ? { ...udp.value, source, destination } : undefined;
}

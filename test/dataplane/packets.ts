import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import { encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';

type IpAddress = Ipv4Address | Ipv6Address;

/** All through every packet of these tests, so that they and their fragments are told from the kernel's own packets. */
export const MARK = new TextEncoder().encode('dataplane-test');

/** A UDP packet; both addresses of one family. */
export function udpPacket(
  source: IpAddress,
  destination: IpAddress,
  { hopLimit = 64, trafficClass = 0, size = 64, dontFragment = false, sourcePort = 5000, destinationPort = 6000 } = {},
): Uint8Array {
  const body = new Uint8Array(Math.max(size, MARK.length));
  for (let at = 0; at < body.length; at += MARK.length) body.set(MARK.subarray(0, body.length - at), at);
  const payload = encodeUdp({ source, destination, sourcePort, destinationPort, payload: body });
  if (source instanceof Ipv4Address) {
    const fields = { source, destination: destination as Ipv4Address, payload, trafficClass, dontFragment };
    return encodeIpv4({ ...fields, ttl: hopLimit, protocol: UDP_PROTOCOL });
  }
  const fields = { source, destination: destination as Ipv6Address, payload, trafficClass };
  return encodeIpv6({ ...fields, hopLimit, nextHeader: UDP_PROTOCOL });
}

/** The packet in an IPv6 tunnel. */
export function tunnelled(
  source: Ipv6Address,
  destination: Ipv6Address,
  payload: Uint8Array,
  trafficClass = 0,
): Uint8Array {
  const nextHeader = (payload[0] as number) >>> 4 === 4 ? 4 : 41;
  return encodeIpv6({ source, destination, payload, nextHeader, hopLimit: 60, trafficClass });
}

/** What an observer reads of a packet; checksums are verified on the way. */
export function seen(packet: Uint8Array | undefined) {
  if (!packet) return undefined;
  if ((packet[0] as number) >>> 4 === 4) {
    const four = decodeIpv4(packet);
    if (!four.ok) return four.error;
    const { source, destination, ttl, protocol, trafficClass, payload } = four.value;
    return { source: `${source}`, destination: `${destination}`, hopLimit: ttl, protocol, trafficClass, payload };
  }
  const six = decodeIpv6(packet);
  if (!six.ok) return six.error;
  const { source, destination, hopLimit, nextHeader, trafficClass, payload } = six.value;
  return { source: `${source}`, destination: `${destination}`, hopLimit, protocol: nextHeader, trafficClass, payload };
}

/** An IPv6 packet in two fragments. */
export function fragments(packet: Uint8Array): Uint8Array[] {
  const body = packet.subarray(40);
  const middle = (body.length >> 4) << 3;
  return [body.subarray(0, middle), body.subarray(middle)].map((part, i) => {
    const offset = i === 0 ? 1 : middle; // the low bit says that more follow
    const header = Uint8Array.of(packet[6] as number, 0, offset >> 8, offset & 255, 0, 0, 0x12, 0x34);
    const fragment = Uint8Array.from([...packet.subarray(0, 40), ...header, ...part]);
    fragment[4] = (part.length + 8) >> 8;
    fragment[5] = part.length + 8;
    fragment[6] = 44;
    return fragment;
  });
}

import { mixWord } from '#base/hash.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { IpHeader } from './ip-packet.ts';

const TCP = 6;
const UDP = 17;
const IPV6_HEADER = 40;
const LABEL = 0xfffff;

/**
 * The flow label of an IPv6 tunnel packet, so that routers in between spread the flows of mobile nodes over equal paths and keep each on one:
 * RFC 6438. Of the addresses and protocol of the packet inside, and of its flow label, or of its ports where there is none; of a fragment
 * without ports, as not all have them. Never 0, which means no flow. As `bpf/flow-label.h` makes it, of words as they are in memory.
 */
export function flowLabelOf(packet: Uint8Array, { source }: IpHeader): number {
  const isIpv6 = source instanceof Ipv6Address;
  const protocol = packet[isIpv6 ? 6 : 9] as number;
  let hash = protocol;
  for (let at = isIpv6 ? 8 : 12; at < (isIpv6 ? 40 : 20); at += 4) hash = mixWord(hash, wordAt(packet, at));
  const label = isIpv6 ? wordAt(packet, 0) & 0xffff0f00 : 0;
  const ports = label === 0 ? portsOf(packet, protocol, isIpv6) : label;
  return mixWord(hash, ports) & LABEL || 1;
}

/** 0 where there are none to see. */
function portsOf(packet: Uint8Array, protocol: number, isIpv6: boolean): number {
  if (protocol !== TCP && protocol !== UDP) return 0;
  if (isIpv6) return packet.length >= IPV6_HEADER + 4 ? wordAt(packet, IPV6_HEADER) : 0;
  const isFragment = (((packet[6] as number) & 0x3f) | (packet[7] as number)) !== 0;
  const at = ((packet[0] as number) & 15) * 4;
  return isFragment || packet.length < at + 4 ? 0 : wordAt(packet, at);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

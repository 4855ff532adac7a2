import { readU16, writeU16 } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { TcpMss } from './desired.ts';
import type { IpHeader } from './ip-packet.ts';

const TCP = 6;
const TCP_HEADER = 20;
const CHECKSUM_AT = 16;
const SYN = 0x02;
const OPTION_END = 0;
const OPTION_NO_OPERATION = 1;
const OPTION_MSS = 2;
const MSS_LENGTH = 4;
const FRAGMENT_OFFSET = 0x1fff;

/** The largest segment of a connection whose packets have at most `mtu` octets, without options. */
export function mssOf(mtu: number, version: 4 | 6): number {
  return mtu - (version === 4 ? 40 : 60);
}

/** The smallest of the limits that there are. */
export function leastMss(version: 4 | 6, mtu: number, ...limits: readonly (TcpMss | undefined)[]): number {
  const allowed = limits.flatMap((limit) => (version === 4 ? limit?.ipv4 : limit?.ipv6) ?? []);
  return Math.min(mssOf(mtu, version), ...allowed);
}

/**
 * The packet, and if it opens a TCP connection and names a larger segment size than `limit`, a copy with that size; the checksum changes
 * with it, and one that was wrong stays wrong. One that names none, or in a malformed header, stays as it is.
 */
export function clampMss(packet: Uint8Array, header: IpHeader, limit: number): Uint8Array {
  const start = tcpHeaderOf(packet, header);
  const at = start === undefined ? undefined : mssAt(packet, start);
  if (start === undefined || at === undefined || readU16(packet, at) <= limit) return packet;
  const copy = packet.slice();
  const swap = (word: number) => ((at - start) % 2 === 0 ? word : ((word & 0xff) << 8) | (word >>> 8));
  const sum = (~readU16(packet, start + CHECKSUM_AT) & 0xffff) + (~swap(readU16(packet, at)) & 0xffff) + swap(limit);
  const once = (sum & 0xffff) + (sum >>> 16);
  writeU16(copy, start + CHECKSUM_AT, ~((once & 0xffff) + (once >>> 16)) & 0xffff);
  writeU16(copy, at, limit);
  return copy;
}

/** Where it begins; `undefined` when the packet is no TCP, or a fragment behind the first. */
function tcpHeaderOf(packet: Uint8Array, { source }: IpHeader): number | undefined {
  if (source instanceof Ipv6Address) return packet[6] === TCP ? 40 : undefined;
  if (packet[9] !== TCP || (readU16(packet, 6) & FRAGMENT_OFFSET) !== 0) return undefined;
  return ((packet[0] as number) & 15) * 4;
}

/** Where the value of the option is. */
function mssAt(packet: Uint8Array, start: number): number | undefined {
  if (packet.length < start + TCP_HEADER || ((packet[start + 13] as number) & SYN) === 0) return undefined;
  const end = start + ((packet[start + 12] as number) >>> 4) * 4;
  for (let at = start + TCP_HEADER; at < end; ) {
    const kind = packet[at];
    if (kind === undefined || kind === OPTION_END) return undefined;
    if (kind === OPTION_NO_OPERATION) {
      at++;
      continue;
    }
    const length = packet[at + 1] ?? 0;
    if (kind === OPTION_MSS && length === MSS_LENGTH)
      return at + MSS_LENGTH <= Math.min(end, packet.length) ? at + 2 : undefined;
    if (length < 2) return undefined;
    at += length;
  }
  return undefined;
}

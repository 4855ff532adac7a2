import { readU32 } from '#base/bytes.ts';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';

const MOST = 1024;

/** Those of `ADDRESS` or `FIRST-LAST`, which differ in their last 32 bits only. Throws RangeError, for people. */
export function parseGatewayAddresses(text: string): IpAddress[] {
  const [first, last = first] = text.split('-').map((part) => parseIpAddress(part.trim())?.toBytes());
  if (!first || !last || text.split('-').length > 2) throw new RangeError('An IP address, or FIRST-LAST.');
  const head = first.length - 4;
  const [from, to] = [readU32(first, head), readU32(last, head)];
  const isRange =
    first.length === last.length && first.every((octet, i) => i >= head || octet === last[i]) && from <= to;
  if (!isRange) throw new RangeError('The last address must follow the first, and differ in the last 32 bits only.');
  if (to - from >= MOST) throw new RangeError(`At most ${MOST} addresses.`);
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const octets = Uint8Array.from(first);
    new DataView(octets.buffer).setUint32(head, from + i);
    return octets.length === 4 ? Ipv4Address.read(octets) : Ipv6Address.read(octets);
  });
}

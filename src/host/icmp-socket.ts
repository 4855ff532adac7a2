import { ICMPV4_PROTOCOL } from '#wire/icmpv4.ts';
import {
  AF_INET,
  AF_INET6,
  alloc,
  check,
  close,
  IPPROTO_ICMPV6,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_RAW,
  setsockopt,
  socket,
} from './posix.ts';

/** At the level SOL_RAW for ICMP and IPPROTO_ICMPV6 for ICMPv6: ICMP_FILTER and ICMP6_FILTER. */
const FILTER = 1;

/** A raw socket for ICMP of one IP version, which receives messages of these types only. Throws `SystemCallError`. */
export function openIcmpSocket(version: 4 | 6, types: readonly number[]): number {
  const [family, protocol] = version === 4 ? [AF_INET, ICMPV4_PROTOCOL] : [AF_INET6, IPPROTO_ICMPV6];
  const fd = check('socket', socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  const filter = version === 4 ? allBut(types, 4) : allBut(types, 32);
  if (setsockopt(fd, version === 4 ? SOL_RAW : IPPROTO_ICMPV6, FILTER, filter, filter.length) < 0) {
    close(fd);
    check('ICMP filter', -1);
  }
  return fd;
}

/** A bit for each type that is kept away. */
function allBut(types: readonly number[], octets: number): Buffer {
  const mask = alloc(octets).buffer.fill(0xff);
  for (const type of types) {
    const at = type >>> 3;
    mask[at] = (mask[at] as number) & ~(1 << (type & 7));
  }
  return mask;
}

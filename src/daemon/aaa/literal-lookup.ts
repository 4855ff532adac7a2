import type { SocketOptions } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** For sockets that are only given addresses: nothing is looked up or waited for, which would cost as much as sending. */
export const literalLookup: NonNullable<SocketOptions['lookup']> = (address, _, found) =>
  found(null, address, isIPv6(address) ? 6 : 4);

import { NetlinkError } from './netlink.ts';
import { ENETDOWN, ENODEV, ENXIO, SystemCallError } from './posix.ts';

/** Whether a packet socket reports, as it does once, that its interface went down or away. */
export function isInterfaceGone(error: unknown): boolean {
  return error instanceof SystemCallError && [ENETDOWN, ENODEV, ENXIO].includes(error.errno);
}

/** Whether an interface that was there is there no more. */
export function isNoInterface(error: unknown): boolean {
  return (error instanceof SystemCallError || error instanceof NetlinkError) && error.errno === ENODEV;
}

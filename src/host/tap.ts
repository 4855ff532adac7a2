import { MacAddress } from '#base/mac-address.ts';
import { DataPlaneError } from '#dataplane/dataplane.ts';
import {
  alloc,
  check,
  close,
  EACCES,
  EBUSY,
  EINVAL,
  ENODEV,
  ENOENT,
  ENXIO,
  EPERM,
  errno,
  IFF_NO_PI,
  IFF_TAP,
  IFF_VNET_HDR,
  ioctl,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  open,
  SystemCallError,
  TUNSETCARRIER,
  TUNSETIFF,
  TUNSETPERSIST,
} from './posix.ts';

/** The link-layer address of every pmip device; frames that are to come in through it are addressed to it. */
export const PMIP_MAC = new MacAddress(0x0200, 0x5e005213);

const DEVICE = '/dev/net/tun';
const NAME_LENGTH = 16;

/** Opens such a device whose frames have a struct virtio_net_hdr in front, so that those of offloading interfaces can be put into it. */
export function openOffloadTap(name: string): number {
  return openTap(name, IFF_VNET_HDR);
}

/**
 * Opens a TAP device of the calling thread's network namespace, and makes it unless it is there; it outlives this process. Gives a
 * descriptor that does not block. Throws `DataPlaneError`.
 */
export function openTap(name: string, flags = 0): number {
  const fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
  if (fd < 0) throw openError(new SystemCallError(`open ${DEVICE}`, errno()));
  const request = Buffer.from(new ArrayBuffer(40));
  request.write(name.slice(0, NAME_LENGTH - 1), 'latin1');
  request.writeUInt16LE(IFF_TAP | IFF_NO_PI | flags, NAME_LENGTH);
  if (ioctl(fd, TUNSETIFF, request) < 0) {
    const cause = new SystemCallError(`make TAP ${name}`, errno());
    close(fd);
    throw tapError(name, cause);
  }
  keepTap(fd, true);
  return fd;
}

/** Whether the device is as one that has a cable and somebody at its other end. */
export function setTapCarrier(fd: number, on: boolean): void {
  const state = alloc(4);
  state.buffer.writeInt32LE(on ? 1 : 0, 0);
  check('TUNSETCARRIER', ioctl(fd, TUNSETCARRIER, state.pointer));
}

/** Whether `openTap` failed because the name is that of an interface of another kind. */
export function isOfOtherKind(error: unknown): boolean {
  return error instanceof DataPlaneError && error.cause instanceof SystemCallError && error.cause.errno === EINVAL;
}

/** Whether the device stays when its last descriptor is closed. */
export function keepTap(fd: number, keep: boolean): void {
  check('TUNSETPERSIST', ioctl(fd, TUNSETPERSIST, BigInt(keep ? 1 : 0)));
}

function openError(cause: SystemCallError): DataPlaneError {
  if ([ENOENT, ENODEV, ENXIO].includes(cause.errno)) {
    return new DataPlaneError('no-tun', `this kernel has no TUN/TAP devices: ${cause.message}; load the module tun`, {
      cause,
    });
  }
  const remedy =
    cause.errno === EACCES
      ? `the process may not open it; run it as root, or open the device to all with "chmod 666 ${DEVICE}", as most systems do: to make an interface takes CAP_NET_ADMIN anyway`
      : 'a container must be given this device';
  return new DataPlaneError('not-permitted', `${cause.message}; ${remedy}`, { cause });
}

function tapError(name: string, cause: SystemCallError): DataPlaneError {
  if (cause.errno === EBUSY) {
    return new DataPlaneError(
      'device-busy',
      `device ${name} is in use: another Mooring runs in this network namespace`,
      { cause },
    );
  }
  const denied = cause.errno === EPERM || cause.errno === EACCES;
  const remedy = denied ? '; the data plane needs root or CAP_NET_ADMIN' : '';
  return new DataPlaneError(denied ? 'not-permitted' : 'system', cause.message + remedy, { cause });
}

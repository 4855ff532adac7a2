import { inNetworkNamespace } from '#host/netns.ts';
import {
  check,
  IFF_NO_PI,
  IFF_TAP,
  IFF_TUN,
  ioctl,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  open,
  TUNSETIFF,
} from '#host/posix.ts';

const INTERFACE_NAME_OCTETS = 16;
const INTERFACE_REQUEST_OCTETS = 40; // struct ifreq

/** Makes a TAP device in a namespace; it is there as long as the descriptor, which reads and writes whole frames. Throws `SystemCallError`. */
export function openTapDevice(namespacePath: string, name: string): number {
  return openDevice(namespacePath, name, IFF_TAP);
}

/** The same of packets without Ethernet. */
export function openTunDevice(namespacePath: string, name: string): number {
  return openDevice(namespacePath, name, IFF_TUN);
}

function openDevice(namespacePath: string, name: string, kind: number): number {
  return inNetworkNamespace(namespacePath, () => {
    const fd = check('open /dev/net/tun', open('/dev/net/tun', O_RDWR | O_NONBLOCK | O_CLOEXEC, 0));
    const request = Buffer.from(new ArrayBuffer(INTERFACE_REQUEST_OCTETS));
    request.write(name, 0, INTERFACE_NAME_OCTETS - 1, 'latin1');
    request.writeUInt16LE(kind | IFF_NO_PI, INTERFACE_NAME_OCTETS);
    check(`TUNSETIFF ${name}`, ioctl(fd, TUNSETIFF, request));
    return fd;
  });
}

import { inNetworkNamespace } from '#host/netns.ts';
import {
  AF_PACKET,
  check,
  close,
  ifNameToIndex,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  sendto,
  sockaddrLl,
  socket,
} from '#host/posix.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { namespacePath, runIp } from './namespaces.ts';
import { type AccessPoint, namespaceOf, stationMac } from './topology.ts';

/** An access point: a bridge in its namespace, and the frame that it sends for a station that associated. */
export class AccessPointControl {
  readonly #prefix: string;
  readonly #name: AccessPoint;
  readonly #fd: number;
  readonly #address: Buffer;

  constructor(prefix: string, name: AccessPoint) {
    this.#prefix = prefix;
    this.#name = name;
    const [fd, index] = inNetworkNamespace(namespacePath(prefix, name), () => [
      check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)),
      ifNameToIndex('wire'),
    ]);
    this.#fd = fd as number;
    this.#address = sockaddrLl(index as number, 0);
  }

  /** Sends the 802.11 layer-2 update frame for a station to the wire. */
  announceStation(mac = stationMac): void {
    check('sendto', this.send(encodeLayer2Update(mac)));
  }

  /** Sends a frame to the wire, as if a station had sent it. Negative when the kernel did not take it. */
  send(frame: Uint8Array): number {
    return sendto(this.#fd, Buffer.from(frame), frame.length, 0, this.#address, SOCKADDR_LL_LENGTH);
  }

  /** Loss of link: the wire to the gateway goes down, or comes back. */
  setWire(state: 'up' | 'down'): void {
    runIp(['-n', namespaceOf(this.#prefix, this.#name), 'link', 'set', 'wire', state]);
  }

  close(): void {
    close(this.#fd);
  }
}

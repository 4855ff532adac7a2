import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MobilitySocket } from '#host/mobility-socket.ts';
import { PollLoop } from '#host/poll-loop.ts';
import { SystemCallError } from '#host/posix.ts';
import { UdpSignallingSocket } from '#host/udp-signalling-socket.ts';
import { CommandError, ExitStatus } from '../exit-status.ts';

/** A socket for each MAG of a load, which speaks with one LMA alone. */
export class GatewaySockets {
  readonly #lma: IpAddress;
  readonly #sockets: readonly { queue(octets: Uint8Array): void; flush(): void; close(): void }[];
  readonly #loop = new PollLoop();
  #handle: (gateway: number, octets: Uint8Array) => void = () => {};
  /** The last reason why a message could not be sent, as `ENETUNREACH`. */
  failure: string | undefined;

  /** Throws `CommandError` when an address is not this machine's, or the rights are missing. */
  constructor(lma: IpAddress, gateways: readonly IpAddress[]) {
    this.#lma = lma;
    this.#sockets = gateways.map((address, gateway) => this.#open(address, gateway));
  }

  /** Calls `serve` in each round in which this descriptor is readable. */
  watch(fd: number, serve: () => void): void {
    this.#loop.watch(fd, serve);
  }

  /** Queues a message, of which nothing is kept. */
  send(gateway: number, octets: Uint8Array): void {
    this.#sockets[gateway]?.queue(octets);
  }

  /** Sends what was queued. */
  flush(): void {
    for (const socket of this.#sockets) socket.flush();
  }

  /** Sends what was queued, and waits at most so long for answers. */
  round(milliseconds: number, handle: (gateway: number, octets: Uint8Array) => void): void {
    this.flush();
    this.#handle = handle;
    this.#loop.round(milliseconds);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #open(address: IpAddress, gateway: number) {
    const fail = (_: IpAddress, code: string) => {
      this.failure = code;
    };
    const arrived = (remote: IpAddress, octets: Uint8Array) => {
      if (sameAddress(remote, this.#lma)) this.#handle(gateway, octets);
    };
    try {
      const lma = this.#lma;
      if (address instanceof Ipv4Address) {
        if (!(lma instanceof Ipv4Address)) throw new TypeError('addresses of two families');
        const socket = new UdpSignallingSocket(address, fail);
        this.#loop.watch(socket.fd, () => socket.receive(arrived));
        return {
          queue: (octets: Uint8Array) => socket.queue(lma, octets),
          flush: () => socket.flush(),
          close: () => socket.close(),
        };
      }
      if (lma instanceof Ipv4Address) throw new TypeError('addresses of two families');
      const socket = new MobilitySocket(address, fail);
      this.#loop.watch(socket.fd, () => socket.receive(arrived));
      return {
        queue: (octets: Uint8Array) => socket.queue(lma, octets),
        flush: () => socket.flush(),
        close: () => socket.close(),
      };
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      throw new CommandError(ExitStatus.CANNOT_RUN, `cannot be a MAG at ${address}: ${explain(error, address)}`, {
        cause: error,
      });
    }
  }
}

function explain(error: SystemCallError, address: IpAddress): string {
  const length = address instanceof Ipv4Address ? 32 : 128;
  switch (error.code) {
    case 'EADDRNOTAVAIL':
      return `the address is not this machine's; add it: ip address add ${address}/${length} dev lo`;
    case 'EPERM':
      return 'needs root, or CAP_NET_RAW';
    case 'EADDRINUSE':
      return 'UDP port 5436 is taken; does a daemon run here?';
    default:
      return error.message;
  }
}

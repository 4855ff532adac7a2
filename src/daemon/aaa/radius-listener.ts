import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';

/** How soon an address that the machine gets is listened at. */
const REVIEW_MS = 5000;
/** Addresses that are listened at. */
const SOCKETS_MAXIMUM = 64;
/** What the kernel keeps for each of them: a burst of some thousand requests. */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;
const NOT_HERE_YET = 'EADDRNOTAVAIL';

export interface RadiusDatagram {
  readonly from: IpAddress;
  readonly port: number;
  readonly octets: Uint8Array;
}

export interface RadiusListenerEvents {
  /** `reply` sends to where the datagram came from. */
  readonly received: (datagram: RadiusDatagram, socket: Socket) => void;
  /** Once for a port; the reason is most likely the same at every address. For people. */
  readonly unusable: (address: string, port: number, reason: string) => void;
}

/**
 * Listens at a UDP port for requests of RADIUS clients. Each address of the machine has a socket of its own, so that an answer comes from where the
 * request went to: clients do not take it otherwise. Never throws.
 */
export class RadiusListener {
  readonly #events: RadiusListenerEvents;
  /** By address. */
  readonly #sockets = new Map<string, Socket>();
  #port: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #complained = false;

  constructor(events: RadiusListenerEvents) {
    this.#events = events;
  }

  /** `undefined`: at none. */
  listen(port: number | undefined): void {
    if (port !== this.#port) this.close();
    this.#port = port;
    if (port === undefined) return;
    this.#review();
    this.#timer ??= setInterval(() => this.#review(), REVIEW_MS).unref();
  }

  /** Addresses of this machine. */
  get addresses(): string[] {
    return [...this.#sockets.keys()];
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#port = undefined;
    this.#complained = false;
    for (const address of this.addresses) this.#shut(address);
  }

  /** Sends through the socket that the request came to, while it is there. An answer that is lost goes out again when the client asks again. */
  reply(socket: Socket, { from, port, octets }: RadiusDatagram): void {
    if (![...this.#sockets.values()].includes(socket)) return;
    socket.send(octets, port, from.toString(), () => {});
  }

  /** Opens and shuts sockets as the machine has addresses. */
  #review(): void {
    if (this.#port === undefined) return;
    const wanted = ownAddresses().slice(0, SOCKETS_MAXIMUM);
    for (const address of this.#sockets.keys()) if (!wanted.includes(address)) this.#shut(address);
    for (const address of wanted) if (!this.#sockets.has(address)) this.#open(address, this.#port);
  }

  #open(address: string, port: number): void {
    const type = Ipv4Address.parse(address) ? 'udp4' : 'udp6';
    const socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER_OCTETS });
    this.#sockets.set(address, socket);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#sockets.get(address) === socket) this.#shut(address);
      if (error.code !== NOT_HERE_YET) this.#complain(address, port, error);
    });
    socket.on('message', (octets, remote) => {
      const from = parseIpAddress(remote.address);
      if (from) this.#events.received({ from, port: remote.port, octets }, socket);
    });
    socket.bind(port, address);
    socket.unref();
  }

  #shut(address: string): void {
    const socket = this.#sockets.get(address);
    this.#sockets.delete(address);
    socket?.close();
  }

  #complain(address: string, port: number, { code, message }: NodeJS.ErrnoException): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#events.unusable(address, port, code === 'EADDRINUSE' ? 'in-use' : message);
  }
}

/** Link-local ones are left out: they need not be the machine's alone. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return [...new Set(all.filter(({ scopeid }) => !scopeid).map(({ address }) => address))];
}

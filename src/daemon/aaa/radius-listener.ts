import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { LogOutput } from '#proto/peer.ts';
import { literalLookup } from './literal-lookup.ts';

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

export interface RadiusListenerParts {
  /** To which an operator would give another port. */
  readonly command: string;
  /** Of that command which sets the port. */
  readonly portCommand: string;
  /** Of the log entry when the port cannot be had. */
  readonly code: string;
  /** `reply` answers it through the socket. */
  readonly received: (datagram: RadiusDatagram, socket: Socket) => void;
  readonly log: (entry: LogOutput) => void;
}

/**
 * Listens at a UDP port for requests of RADIUS clients. Each address of the machine has a socket of its own, so that an answer comes from where the
 * request went to: clients do not take it otherwise. Never throws.
 */
export class RadiusListener {
  readonly #parts: RadiusListenerParts;
  /** By address. */
  readonly #sockets = new Map<string, Socket>();
  #port: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #complained = false;

  constructor(parts: RadiusListenerParts) {
    this.#parts = parts;
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
    const socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER_OCTETS, lookup: literalLookup });
    this.#sockets.set(address, socket);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#sockets.get(address) === socket) this.#shut(address);
      if (error.code !== NOT_HERE_YET) this.#complain(address, port, error);
    });
    socket.on('message', (octets, remote) => {
      const from = parseIpAddress(remote.address);
      if (from) this.#parts.received({ from, port: remote.port, octets }, socket);
    });
    socket.bind(port, address);
    socket.unref();
  }

  #shut(address: string): void {
    const socket = this.#sockets.get(address);
    this.#sockets.delete(address);
    socket?.close();
  }

  /** Once for a port: the reason is most likely the same at every address. */
  #complain(address: string, port: number, { code, message }: NodeJS.ErrnoException): void {
    if (this.#complained) return;
    this.#complained = true;
    const { command, portCommand, code: of, log } = this.#parts;
    const text =
      code === 'EADDRINUSE'
        ? `another process has UDP port ${port} at ${address} ("ss -ulnp" shows which): end it, or set another "${portCommand}" in "${command}"; requests there are not heard until then`
        : `cannot listen for RADIUS at UDP port ${port} of ${address} (${command}): ${message}`;
    log({ kind: 'log', level: 'error', code: of, text, fields: { address, port: String(port) } });
  }
}

/** Link-local ones are left out: they need not be the machine's alone. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return [...new Set(all.filter(({ scopeid }) => !scopeid).map(({ address }) => address))];
}

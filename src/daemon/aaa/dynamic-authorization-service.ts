import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import {
  type DynamicAuthorizationOutput,
  type DynamicAuthorizationReply,
  DynamicAuthorizationServer,
} from '#proto/radius/index.ts';
import type { ErrorCause } from '#wire/radius/error-cause.ts';
import type { DynamicAuthorizationView } from './aaa-servers-view.ts';
import type { DisconnectQuestion, DynamicAuthorizationSettings } from './radius-messages.ts';

/** How soon an address that the machine gets is listened at. */
const REVIEW_MS = 5000;
/** Addresses that are listened at. */
const SOCKETS_MAXIMUM = 64;
const NOT_HERE_YET = 'EADDRNOTAVAIL';

export interface DynamicAuthorizationEffects {
  readonly disconnect: (question: DisconnectQuestion) => void;
  readonly log: (entry: LogOutput) => void;
}

/**
 * Listens for Disconnect-Requests while it is configured. Each address of the machine has a socket of its own, so that an answer comes from where the
 * request went to: clients do not take it otherwise. Never throws.
 */
export class DynamicAuthorizationService {
  readonly #server = new DynamicAuthorizationServer();
  readonly #effects: DynamicAuthorizationEffects;
  /** By address. */
  readonly #sockets = new Map<string, Socket>();
  /** Where each request under way came to. */
  readonly #underWay = new Map<number, Socket>();
  #settings: DynamicAuthorizationSettings | undefined;
  #timer: NodeJS.Timeout | undefined;
  #complained = false;

  constructor(effects: DynamicAuthorizationEffects) {
    this.#effects = effects;
  }

  configure(settings: DynamicAuthorizationSettings | undefined): void {
    const clients = settings?.clients ?? [];
    this.#server.configure(
      clients.map(({ address, secret }) => ({ address: parseIpAddress(address) as IpAddress, secret })),
    );
    if (settings?.port !== this.#settings?.port) this.close();
    this.#settings = settings;
    if (!settings) return;
    this.#review();
    this.#timer ??= setInterval(() => this.#review(), REVIEW_MS).unref();
  }

  answer(id: number, errorCause: ErrorCause | undefined): void {
    const socket = this.#underWay.get(id);
    this.#underWay.delete(id);
    const reply = this.#server.answer(id, errorCause);
    if (reply && socket) this.#reply(socket, reply);
  }

  /** For `show`; `undefined` when it is not configured. */
  view(): DynamicAuthorizationView | undefined {
    if (!this.#settings) return undefined;
    const { port, clients } = this.#settings;
    const listening = [...this.#sockets.keys()];
    return { port, clients: clients.map(({ address }) => address), listening, stats: { ...this.#server.stats } };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#complained = false;
    for (const address of [...this.#sockets.keys()]) this.#shut(address);
  }

  /** Opens and shuts sockets as the machine has addresses. */
  #review(): void {
    if (!this.#settings) return;
    const wanted = ownAddresses().slice(0, SOCKETS_MAXIMUM);
    for (const address of this.#sockets.keys()) if (!wanted.includes(address)) this.#shut(address);
    for (const address of wanted) if (!this.#sockets.has(address)) this.#open(address, this.#settings.port);
  }

  #open(address: string, port: number): void {
    const socket = createSocket(Ipv4Address.parse(address) ? 'udp4' : 'udp6');
    this.#sockets.set(address, socket);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#sockets.get(address) === socket) this.#shut(address);
      if (error.code !== NOT_HERE_YET) this.#complain(address, port, error);
    });
    socket.on('message', (octets, remote) => {
      const from = parseIpAddress(remote.address);
      if (from) this.#carryOut(socket, this.#server.receive({ from, port: remote.port, octets }, readClock()));
    });
    socket.bind(port, address);
    socket.unref();
  }

  #shut(address: string): void {
    const socket = this.#sockets.get(address);
    this.#sockets.delete(address);
    for (const [id, at] of this.#underWay) if (at === socket) this.#underWay.delete(id);
    socket?.close();
  }

  #carryOut(socket: Socket, output: DynamicAuthorizationOutput | undefined): void {
    if (output?.kind === 'log') this.#effects.log(output);
    else if (output?.kind === 'reply') this.#reply(socket, output);
    else if (output) {
      this.#underWay.set(output.id, socket);
      this.#effects.disconnect(output);
    }
  }

  /** An answer that is lost goes out again when the client asks again. */
  #reply(socket: Socket, { from, port, octets }: DynamicAuthorizationReply): void {
    socket.send(octets, port, from.toString(), () => {});
  }

  /** Once for a port: the reason is most likely the same at every address. */
  #complain(address: string, port: number, { code, message }: NodeJS.ErrnoException): void {
    if (this.#complained) return;
    this.#complained = true;
    const text =
      code === 'EADDRINUSE'
        ? `another process has UDP port ${port} at ${address} ("ss -ulnp" shows which): end it, or set another "port" in "aaa server radius dynamic-author"; requests there are not heard until then`
        : `cannot listen for RADIUS at UDP port ${port} of ${address} (aaa server radius dynamic-author): ${message}`;
    this.#effects.log({
      kind: 'log',
      level: 'error',
      code: 'dynamic-author-port',
      text,
      fields: { address, port: String(port) },
    });
  }
}

/** Link-local ones are left out: they need not be the machine's alone. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return [...new Set(all.filter(({ scopeid }) => !scopeid).map(({ address }) => address))];
}

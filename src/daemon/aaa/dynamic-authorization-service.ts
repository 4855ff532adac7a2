import type { Socket } from 'node:dgram';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import { type DynamicAuthorizationOutput, DynamicAuthorizationServer } from '#proto/radius/index.ts';
import type { ErrorCause } from '#wire/radius/error-cause.ts';
import type { RadiusDebug } from '../debug/radius-debug.ts';
import type { DynamicAuthorizationView } from './aaa-servers-view.ts';
import { type RadiusDatagram, RadiusListener } from './radius-listener.ts';
import type { ClientRequest, DynamicAuthorizationSettings } from './radius-messages.ts';

export interface DynamicAuthorizationEffects {
  readonly request: (request: ClientRequest) => void;
  readonly debug: RadiusDebug;
  readonly log: (entry: LogOutput) => void;
}

/** Listens for Disconnect-Requests and CoA-Requests while it is configured. Never throws. */
export class DynamicAuthorizationService {
  readonly #server = new DynamicAuthorizationServer();
  readonly #effects: DynamicAuthorizationEffects;
  readonly #listener: RadiusListener;
  /** Where each request under way came to. */
  readonly #underWay = new Map<number, Socket>();
  #settings: DynamicAuthorizationSettings | undefined;

  constructor(effects: DynamicAuthorizationEffects) {
    this.#effects = effects;
    this.#listener = new RadiusListener({
      command: 'aaa server radius dynamic-author',
      portCommand: 'port',
      code: 'dynamic-author-port',
      received: (datagram, socket) => {
        const now = readClock();
        effects.debug.passed('received', String(datagram.from), datagram.port, datagram.octets, now);
        this.#carryOut(socket, this.#server.receive(datagram, now));
      },
      log: effects.log,
    });
  }

  configure(settings: DynamicAuthorizationSettings | undefined): void {
    const clients = settings?.clients ?? [];
    this.#server.configure(
      clients.map(({ address, secret }) => ({ address: parseIpAddress(address) as IpAddress, secret })),
    );
    this.#settings = settings;
    this.#listener.listen(settings?.port);
  }

  answer(id: number, errorCause: ErrorCause | undefined): void {
    const socket = this.#underWay.get(id);
    this.#underWay.delete(id);
    const reply = this.#server.answer(id, errorCause);
    if (reply && socket) this.#send(socket, reply);
  }

  /** For `show`; `undefined` when it is not configured. */
  view(): DynamicAuthorizationView | undefined {
    if (!this.#settings) return undefined;
    const { port, clients } = this.#settings;
    return {
      port,
      clients: clients.map(({ address }) => address),
      listening: this.#listener.addresses,
      stats: { ...this.#server.stats },
    };
  }

  close(): void {
    this.#listener.close();
  }

  #carryOut(socket: Socket, output: DynamicAuthorizationOutput | undefined): void {
    if (output?.kind === 'log') this.#effects.log(output);
    else if (output?.kind === 'reply') this.#send(socket, output);
    else if (output) {
      this.#underWay.set(output.id, socket);
      this.#effects.request(output);
    }
  }

  #send(socket: Socket, reply: RadiusDatagram): void {
    this.#effects.debug.passed('sent', String(reply.from), reply.port, reply.octets, readClock());
    this.#listener.reply(socket, reply);
  }
}

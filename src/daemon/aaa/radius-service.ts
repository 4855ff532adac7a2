import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { milliseconds } from '#base/time.ts';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import {
  type RadiusAnswer,
  RadiusClient,
  type RadiusEvent,
  type RadiusOutcome,
  type RadiusSend,
  type RadiusServer,
} from '#proto/radius/index.ts';
import { portOf } from '#proto/radius/server-state.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import type { RadiusDebug } from '../debug/radius-debug.ts';
import type { AaaServerRow, AaaServersView } from './aaa-servers-view.ts';
import { AccountingProxyService } from './accounting-proxy-service.ts';
import { AccountingQueue } from './accounting-queue.ts';
import { DynamicAuthorizationService } from './dynamic-authorization-service.ts';
import type { FromRadius, RadiusSettings, ToRadius } from './radius-messages.ts';
import { RadsecLinks, type RadsecLinkView, radsecServers } from './radsec-links.ts';

const NO_SERVERS = { servers: [], deadTime: milliseconds(0) };

type Answered = (outcome: RadiusOutcome, attributes: readonly RadiusAttribute[]) => void;

export interface RadiusServiceEffects {
  readonly answer: (message: FromRadius) => void;
  readonly log: (entry: LogOutput) => void;
  readonly debug: RadiusDebug;
}

/** Runs the RADIUS client on the main thread, with a UDP socket for each source port that is needed, and keeps accounting records until they are answered. Never throws. */
export class RadiusService {
  readonly #client = new RadiusClient(NO_SERVERS, randomBytes);
  readonly #effects: RadiusServiceEffects;
  /** By `server exchange slot`. */
  readonly #sockets = new Map<string, Socket>();
  readonly #accounting: AccountingQueue;
  readonly #dynamic: DynamicAuthorizationService;
  readonly #proxy: AccountingProxyService;
  readonly #links: RadsecLinks;
  /** Accounting-Requests under way. The worker's requests count upwards from 1, these downwards from -1. */
  readonly #accounted = new Map<number, Answered>();
  #lastAccounted = 0;
  #servers: readonly RadiusServer[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(effects: RadiusServiceEffects) {
    this.#effects = effects;
    this.#dynamic = new DynamicAuthorizationService({ request: effects.answer, log: effects.log });
    this.#proxy = new AccountingProxyService({
      accounted: effects.answer,
      forward: (attributes, answered) => this.#account(attributes, answered),
      debug: effects.debug,
      log: effects.log,
    });
    this.#links = new RadsecLinks({
      tell: (event) => this.#tell(event),
      received: ({ address, authenticationPort }, octets) =>
        effects.debug.passed('received', `${address}`, authenticationPort, octets, readClock()),
      log: effects.log,
    });
    this.#accounting = new AccountingQueue({
      send: (attributes, answered) => this.#account(attributes, answered),
      now: () => readClock().utc,
      log: (level, code, text) => effects.log({ kind: 'log', level, code, text, fields: {} }),
    });
  }

  handle(message: ToRadius): void {
    if (message.kind === 'configure') this.#configure(message.settings);
    else if (message.kind === 'account') this.#accounting.add(message.records);
    else if (message.kind === 'taken') this.#proxy.taken(message);
    else if (message.kind === 'carried-out') this.#dynamic.answer(message.id, message.errorCause);
    else this.#tell(message);
  }

  /** Keeps accounting records in this file until they are answered; before, they are lost with the process. */
  keepAccountingIn(file: string): void {
    this.#accounting.keepIn(file);
  }

  /** Resolves when every accounting record was answered, at the latest after so many milliseconds. */
  async settle(milliseconds: number): Promise<void> {
    for (const end = Date.now() + milliseconds; this.#accounting.waiting > 0 && Date.now() < end; ) await sleep(20);
  }

  /** Counters, and how each server does; for `show`. */
  snapshot(): AaaServersView {
    const servers = this.#client.snapshot().map(
      ({ server, dead, waiting }): AaaServerRow => ({
        address: server.address.toString(),
        authenticationPort: server.authenticationPort,
        accountingPort: server.accountingPort,
        state: dead ? 'dead' : 'up',
        waiting,
        ...tlsView(this.#links.view(server)),
      }),
    );
    const accounting = { waiting: this.#accounting.waiting, ...this.#accounting.stats };
    const dynamicAuthorization = this.#dynamic.view();
    const accountingProxy = this.#proxy.view();
    return {
      servers,
      waiting: this.#client.waiting,
      stats: { ...this.#client.stats },
      accounting,
      ...(dynamicAuthorization && { dynamicAuthorization }),
      ...(accountingProxy && { accountingProxy }),
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#accounting.close();
    this.#dynamic.close();
    this.#proxy.close();
    this.#links.close();
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #configure({ servers, deadTime, dynamicAuthorization, accountingProxy }: RadiusSettings): void {
    this.#dynamic.configure(dynamicAuthorization);
    this.#proxy.configure(accountingProxy);
    const parsed = servers.map((server) => ({ ...server, address: parseIpAddress(server.address) as IpAddress }));
    this.#servers = parsed;
    this.#tell({ kind: 'configure', config: { servers: this.#servers, deadTime } });
    this.#links.configure(radsecServers(parsed));
    for (const [name, socket] of this.#sockets) {
      if (this.#servers.some((server) => name.startsWith(`${serverName(server)} `))) continue;
      this.#sockets.delete(name);
      socket.close();
    }
  }

  #account(attributes: readonly RadiusAttribute[], answered: Answered): void {
    const id = --this.#lastAccounted;
    this.#accounted.set(id, answered);
    this.#tell({ kind: 'request', id, exchange: 'accounting', attributes });
  }

  #answered(answer: RadiusAnswer): void {
    const answered = this.#accounted.get(answer.id);
    if (answer.id > 0) this.#effects.answer(answer);
    this.#accounted.delete(answer.id);
    answered?.(answer.outcome, answer.attributes);
  }

  #tell(event: RadiusEvent): void {
    this.#client.handle(event, readClock());
    for (const output of this.#client.drain()) {
      if (output.kind === 'log') this.#effects.log(output);
      else if (output.kind === 'answer') this.#answered(output);
      else this.#send(output);
    }
    this.#setTimer();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const at = this.#client.nextTimeout();
    if (at === undefined) return;
    this.#timer = setTimeout(() => this.#tell({ kind: 'timeout' }), Math.max(0, at - readClock().instant));
    this.#timer.unref();
  }

  /** What cannot be sent is as good as lost: the client sends it again, or elsewhere. */
  #send({ server, exchange, slot, octets }: RadiusSend): void {
    this.#effects.debug.passed('sent', `${server.address}`, portOf(server, exchange), octets, readClock());
    if (server.transport === 'tls') {
      this.#links.send(server, octets);
      return;
    }
    const name = `${serverName(server)} ${exchange} ${slot}`;
    const socket = this.#sockets.get(name) ?? this.#open(name, server, slot);
    socket.send(octets, portOf(server, exchange), server.address.toString(), () => {});
  }

  #open(name: string, server: RadiusServer, slot: number): Socket {
    const socket = createSocket(server.address instanceof Ipv4Address ? 'udp4' : 'udp6');
    socket.on('error', () => {});
    socket.on('message', (octets, { address, port }) => {
      const from = parseIpAddress(address.replace(/%.*/, ''));
      this.#effects.debug.passed('received', address, port, octets, readClock());
      if (from) this.#tell({ kind: 'datagram', from, port, slot, octets });
    });
    socket.unref();
    this.#sockets.set(name, socket);
    return socket;
  }
}

function tlsView(link: RadsecLinkView | undefined): Pick<AaaServerRow, 'tls'> {
  return link ? { tls: link } : {};
}

function serverName({ address, authenticationPort, accountingPort }: RadiusServer): string {
  return `${address} ${authenticationPort} ${accountingPort}`;
}

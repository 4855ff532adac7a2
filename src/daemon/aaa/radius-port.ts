import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { type Instant, milliseconds } from '#base/time.ts';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import {
  type RadiusAnswer,
  RadiusClient,
  type RadiusEvent,
  type RadiusSend,
  type RadiusServer,
} from '#proto/radius/index.ts';
import { portOf } from '#proto/radius/server-state.ts';
import type { RadiusDebug } from '../debug/radius-debug.ts';
import type { AaaServerRow, AaaServersView } from './aaa-servers-view.ts';
import { literalLookup } from './literal-lookup.ts';
import type { RadiusSettings } from './radius-messages.ts';
import { RadsecLinks, radsecServers } from './radsec-links.ts';
import { Turns } from './turns.ts';

const NO_SERVERS = { servers: [], deadTime: milliseconds(0) };

export interface RadiusPortEffects {
  readonly answered: (answer: RadiusAnswer) => void;
  readonly log: (entry: LogOutput) => void;
  readonly debug: RadiusDebug;
}

/**
 * Runs a RADIUS client with a UDP socket for each source port that is needed, and a connection to each server over TLS. What it has to do is done in turns, so that thousands
 * of requests and answers at once hold up nothing else of the thread. Never throws.
 */
export class RadiusPort {
  readonly #client = new RadiusClient(NO_SERVERS, randomBytes);
  readonly #effects: RadiusPortEffects;
  /** By `server exchange slot`. */
  readonly #sockets = new Map<string, Socket>();
  readonly #links: RadsecLinks;
  readonly #turns: Turns;
  #timer: NodeJS.Timeout | undefined;
  #timerAt: Instant | undefined;

  /** `turns`: with others whose work is done in turns with this. */
  constructor(effects: RadiusPortEffects, turns = new Turns()) {
    this.#effects = effects;
    this.#turns = turns;
    this.#links = new RadsecLinks({
      tell: (event) => this.tell(event),
      received: ({ address, authenticationPort }, octets) =>
        effects.debug.passed('received', `${address}`, authenticationPort, octets, readClock()),
      log: effects.log,
    });
  }

  get client(): Pick<RadiusClient, 'snapshot' | 'stats' | 'waiting'> {
    return this.#client;
  }

  configure({ servers, deadTime }: Pick<RadiusSettings, 'servers' | 'deadTime'>): void {
    const asked = servers.map((server) => ({ ...server, address: parseIpAddress(server.address) as IpAddress }));
    this.#handle({ kind: 'configure', config: { servers: asked, deadTime } });
    this.#links.configure(radsecServers(asked));
    for (const [name, socket] of this.#sockets) {
      if (asked.some((server) => name.startsWith(`${serverName(server)} `))) continue;
      this.#sockets.delete(name);
      socket.close();
    }
  }

  /** Counters, and how each server does; for `show`. */
  view(): Pick<AaaServersView, 'servers' | 'waiting' | 'stats'> {
    const servers = this.#client.snapshot().map(({ server, dead, waiting }): AaaServerRow => {
      const tls = this.#links.view(server);
      return {
        address: server.address.toString(),
        authenticationPort: server.authenticationPort,
        accountingPort: server.accountingPort,
        state: dead ? 'dead' : 'up',
        waiting,
        ...(tls && { tls }),
      };
    });
    return { servers, waiting: this.#client.waiting, stats: { ...this.#client.stats } };
  }

  close(): void {
    this.#turns.close();
    clearTimeout(this.#timer);
    this.#links.close();
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  /** What is to be done about it is done soon. */
  tell(event: RadiusEvent): void {
    this.#turns.add(() => this.#handle(event), event.kind === 'datagram');
  }

  #handle(event: RadiusEvent): void {
    this.#client.handle(event, readClock());
    for (const output of this.#client.drain()) {
      if (output.kind === 'log') this.#effects.log(output);
      else if (output.kind === 'answer') this.#effects.answered(output);
      else this.#send(output);
    }
    this.#setTimer();
  }

  #setTimer(): void {
    const at = this.#client.nextTimeout();
    if (at === this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === undefined) return;
    const due = () => {
      this.#timerAt = undefined;
      this.tell({ kind: 'timeout' });
    };
    this.#timer = setTimeout(due, Math.max(0, at - readClock().instant)).unref();
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
    const socket = createSocket({
      type: server.address instanceof Ipv4Address ? 'udp4' : 'udp6',
      lookup: literalLookup,
    });
    socket.on('error', () => {});
    socket.on('message', (octets, { address, port }) => {
      const from = parseIpAddress(address.replace(/%.*/, ''));
      this.#effects.debug.passed('received', address, port, octets, readClock());
      if (from) this.tell({ kind: 'datagram', from, port, slot, octets });
    });
    socket.unref();
    this.#sockets.set(name, socket);
    return socket;
  }
}

function serverName({ address, authenticationPort, accountingPort }: RadiusServer): string {
  return `${address} ${authenticationPort} ${accountingPort}`;
}

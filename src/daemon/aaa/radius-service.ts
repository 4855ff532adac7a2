import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { milliseconds } from '#base/time.ts';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import { RadiusClient, type RadiusEvent, type RadiusSend, type RadiusServer } from '#proto/radius/index.ts';
import { portOf } from '#proto/radius/server-state.ts';
import type { RadiusDebug } from '../debug/radius-debug.ts';
import type { FromRadius, RadiusSettings, ToRadius } from './radius-messages.ts';

const NO_SERVERS = { servers: [], deadTime: milliseconds(0) };

export interface RadiusServiceEffects {
  readonly answer: (message: FromRadius) => void;
  readonly log: (entry: LogOutput) => void;
  readonly debug: RadiusDebug;
}

/** Runs the RADIUS client on the main thread, with a connected UDP socket for each source port that is needed. Never throws. */
export class RadiusService {
  readonly #client = new RadiusClient(NO_SERVERS, randomBytes);
  readonly #effects: RadiusServiceEffects;
  /** By `server exchange slot`. */
  readonly #sockets = new Map<string, Socket>();
  #servers: readonly RadiusServer[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(effects: RadiusServiceEffects) {
    this.#effects = effects;
  }

  handle(message: ToRadius): void {
    if (message.kind !== 'configure') this.#tell(message);
    else this.#configure(message.settings);
  }

  /** Counters, and how each server does; for `show`. */
  snapshot(): object {
    const servers = this.#client.snapshot().map(({ server, dead, waiting }) => ({
      address: server.address.toString(),
      authenticationPort: server.authenticationPort,
      accountingPort: server.accountingPort,
      state: dead ? 'dead' : 'up',
      waiting,
    }));
    return { servers, waiting: this.#client.waiting, stats: { ...this.#client.stats } };
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #configure({ servers, deadTime }: RadiusSettings): void {
    this.#servers = servers.map((server) => ({ ...server, address: parseIpAddress(server.address) as IpAddress }));
    this.#tell({ kind: 'configure', config: { servers: this.#servers, deadTime } });
    for (const [name, socket] of this.#sockets) {
      if (this.#servers.some((server) => name.startsWith(`${serverName(server)} `))) continue;
      this.#sockets.delete(name);
      socket.close();
    }
  }

  #tell(event: RadiusEvent): void {
    this.#client.handle(event, readClock());
    for (const output of this.#client.drain()) {
      if (output.kind === 'log') this.#effects.log(output);
      else if (output.kind === 'answer') this.#effects.answer(output);
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
    const name = `${serverName(server)} ${exchange} ${slot}`;
    const socket = this.#sockets.get(name) ?? this.#open(name, server, slot);
    this.#effects.debug.passed('sent', `${server.address}`, portOf(server, exchange), octets, readClock());
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

function serverName({ address, authenticationPort, accountingPort }: RadiusServer): string {
  return `${address} ${authenticationPort} ${accountingPort}`;
}

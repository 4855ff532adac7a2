import type { Socket } from 'node:dgram';
import { type IpAddress, parseIpAddress } from '#base/ip-address.ts';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import {
  type AccountingClient,
  AccountingProxy,
  type AccountingProxyOutput,
  type AccountingReply,
  type RadiusOutcome,
} from '#proto/radius/index.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import type { RadiusDebug } from '../debug/radius-debug.ts';
import type { AccountingProxyView } from './aaa-servers-view.ts';
import { type RadiusDatagram, RadiusListener } from './radius-listener.ts';
import type { AccountedQuestion, AccountedTaken, AccountingProxySettings, RecordSubject } from './radius-messages.ts';
import { RecordLine } from './record-line.ts';
import type { Turns } from './turns.ts';

export interface AccountingProxyEffects {
  /** To the MAGs. */
  readonly accounted: (question: AccountedQuestion) => void;
  /** To the servers. */
  readonly forward: (
    attributes: readonly RadiusAttribute[],
    answered: (outcome: RadiusOutcome, attributes: readonly RadiusAttribute[]) => void,
  ) => void;
  /** In which records are taken that can wait. */
  readonly turns: Turns;
  readonly debug: RadiusDebug;
  readonly log: (entry: LogOutput) => void;
}

/** Listens for the accounting of access points and controllers while it is configured. Never throws. */
export class AccountingProxyService {
  readonly #proxy = new AccountingProxy();
  readonly #effects: AccountingProxyEffects;
  readonly #listener: RadiusListener;
  readonly #line: RecordLine;
  /** Where each request under way came to. */
  readonly #underWay = new Map<number, Socket>();
  readonly #results: Record<AccountedTaken['result'], number> = {
    told: 0,
    'without-station': 0,
    'without-interface': 0,
    other: 0,
  };
  #settings: AccountingProxySettings | undefined;

  constructor(effects: AccountingProxyEffects) {
    this.#effects = effects;
    this.#line = new RecordLine(effects.turns);
    this.#listener = new RadiusListener({
      command: 'aaa server radius proxy',
      portCommand: 'accounting port',
      code: 'radius-proxy-port',
      received: (datagram, socket) => {
        // A stranger has no place in the line.
        if (!this.#proxy.knows(datagram.from)) this.#take(datagram, socket, 'access-point');
        else this.#line.add(datagram, (about) => this.#take(datagram, socket, about));
      },
      log: effects.log,
    });
  }

  configure(settings: AccountingProxySettings | undefined): void {
    this.#proxy.configure((settings?.clients ?? []).map(clientOf));
    this.#line.configure(settings?.localStations ?? []);
    this.#settings = settings;
    this.#listener.listen(settings?.port);
  }

  /** The MAGs have what `accounted` said. */
  taken({ id, result }: AccountedTaken): void {
    this.#results[result]++;
    this.#reply(id, this.#proxy.taken(id));
  }

  /** For `show`; `undefined` when it is not configured. */
  view(): AccountingProxyView | undefined {
    if (!this.#settings) return undefined;
    const { port, clients } = this.#settings;
    const { stats } = this.#proxy;
    return {
      port,
      clients: clients.map(({ address, prefixLength }) =>
        prefixLength === undefined ? address : `${address}/${prefixLength}`,
      ),
      listening: this.#listener.addresses,
      stats: { ...stats, duplicates: stats.duplicates + this.#line.duplicates },
      results: { ...this.#results },
    };
  }

  close(): void {
    this.#listener.close();
  }

  #take(datagram: RadiusDatagram, socket: Socket, about: RecordSubject): void {
    const now = readClock();
    this.#effects.debug.passed('received', String(datagram.from), datagram.port, datagram.octets, now);
    this.#carryOut(socket, about, this.#proxy.receive(datagram, now));
  }

  #carryOut(socket: Socket, about: RecordSubject, output: AccountingProxyOutput | undefined): void {
    if (output?.kind === 'log') this.#effects.log(output);
    else if (output?.kind === 'reply') this.#send(socket, output);
    else if (output) {
      const { id, client, attributes, forwarded } = output;
      this.#underWay.set(id, socket);
      this.#effects.accounted({ kind: 'accounted', id, about, client: client.address.toString(), attributes });
      this.#effects.forward(forwarded, (outcome, said) => this.#reply(id, this.#proxy.answered(id, outcome, said)));
    }
  }

  #reply(id: number, reply: AccountingReply | undefined): void {
    const socket = this.#underWay.get(id);
    if (!this.#proxy.isUnderWay(id)) this.#underWay.delete(id);
    if (reply && socket) this.#send(socket, reply);
  }

  #send(socket: Socket, reply: AccountingReply): void {
    this.#effects.debug.passed('sent', String(reply.from), reply.port, reply.octets, readClock());
    this.#listener.reply(socket, reply);
  }
}

function clientOf({ address, prefixLength, secret }: AccountingProxySettings['clients'][number]): AccountingClient {
  const parsed = parseIpAddress(address) as IpAddress;
  return { address: parsed, ...(prefixLength !== undefined && { prefixLength }), secret };
}

import type { Ipv6Address } from '#base/ipv6-address.ts';
import { type Instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import { GatewaySockets } from '#cli/load/gateway-sockets.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { Figures, type Operation, Population } from '#proto/load/index.ts';
import { BindingStatus, decodeMobilityHeader, findOption } from '#wire/mobility/index.ts';

/** Messages that are sent at once, and the most mobile nodes. */
const AT_ONCE = 16;
const NODES = 3000;
const LIFETIME = seconds(3600);
/** An answer may have been under way for long, and what is left is told in seconds. */
const CUT_SHORT = seconds(1.5);
/** Each as often as it stands here. */
const OPERATIONS: readonly Operation[] = [
  'attach',
  'attach',
  'attach',
  'refresh',
  'handover',
  'handover',
  'detach',
  'detach',
];

/** A binding as the LMA shows it. */
export interface BindingRow {
  readonly state: string;
  readonly nai: string;
  readonly hoa: string | null;
  readonly hnps: readonly string[];
  /** Of its lifetime, in seconds. */
  readonly lifetimeRemaining: number;
}

/** MAGs whose mobile nodes come, stay, move and leave at random; they remember what the LMA accepted. */
export class Gateways {
  readonly figures = new Figures();
  readonly #sockets: GatewaySockets;
  readonly #population: Population;
  /** When the latest registration of each was accepted. */
  readonly #acceptedAt = new Map<string, number>();

  constructor(lma: Ipv6Address, gateways: readonly Ipv6Address[]) {
    this.#sockets = new GatewaySockets(lma, gateways);
    this.#population = new Population({
      ...{ lma, gateways, nodes: NODES, realm: 'example.net', service: 'dual', lifetime: LIFETIME },
      // What has no answer waits until the LMA is killed.
      ...{ timestamps: true, patience: milliseconds(3_600_000), tries: 1 },
    });
  }

  /** Sends some messages, and takes the answers of the next millisecond. */
  exchange(): void {
    for (let i = 0; i < AT_ONCE; i++) {
      const now = monotonicMilliseconds() as Instant;
      const operation = OPERATIONS[Math.floor(Math.random() * OPERATIONS.length)] as Operation;
      const next = this.#population.ask(operation, this.figures, now, utcTime(Date.now()));
      if (next) this.#sockets.send(next.gateway, next.octets);
      else this.#population.rewind();
    }
    this.receive();
  }

  receive(): void {
    this.#sockets.round(1, (gateway, octets) => {
      this.#noteAccepted(octets);
      const reply = this.#population.receive(gateway, octets, monotonicMilliseconds() as Instant);
      if (reply) this.#sockets.send(reply.gateway, reply.octets);
    });
  }

  /** What had no answer may have happened or not. */
  giveUp(): void {
    this.#population.forget();
  }

  /** Accepted bindings that are not among those of the LMA, or not with the same addresses. Counts addresses that two of them have. */
  missingFrom(rows: readonly BindingRow[]): string[] {
    const held = new Map(rows.map(({ nai, hoa, hnps }) => [nai, `${hoa} ${hnps.join(' ')}`]));
    this.figures.givenTwice += held.size - new Set(held.values()).size;
    return [...this.#population.holdings()]
      .map(({ nai, grant: { home, prefixes } }) => ({ nai, addresses: `${home?.address} ${prefixes.join(' ')}` }))
      .filter(({ nai, addresses }) => held.get(nai) !== addresses)
      .map(({ nai, addresses }) => `${nai} ${addresses}, which has ${held.get(nai)}`);
  }

  /** Bindings that would end sooner than was acknowledged to their MAG. Of the rows that were read just now. */
  cutShort(rows: readonly BindingRow[]): string[] {
    const now = monotonicMilliseconds();
    return rows
      .filter(({ state }) => state === 'active')
      .map(({ nai, lifetimeRemaining }) => {
        const acknowledged = LIFETIME - (now - (this.#acceptedAt.get(nai) ?? Number.NEGATIVE_INFINITY));
        return { nai, left: seconds(lifetimeRemaining), acknowledged };
      })
      .filter(({ left, acknowledged }) => left < acknowledged - CUT_SHORT)
      .map(({ nai, left, acknowledged }) => `${nai} ends in ${left} ms instead of ${Math.round(acknowledged)}`);
  }

  close(): void {
    this.#sockets.close();
  }

  #noteAccepted(octets: Uint8Array): void {
    const decoded = decodeMobilityHeader(octets);
    if (!decoded.ok || decoded.value.kind !== 'binding-acknowledgement') return;
    const { status, lifetime, options } = decoded.value;
    const identifier = findOption(options, 'mobile-node-identifier')?.identifier;
    if (!identifier || status !== BindingStatus.ACCEPTED || lifetime === 0) return;
    this.#acceptedAt.set(Buffer.from(identifier).toString(), monotonicMilliseconds());
  }
}

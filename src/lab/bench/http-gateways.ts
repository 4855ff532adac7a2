import { setImmediate as turn } from 'node:timers/promises';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { type Instant, milliseconds, seconds, utcTime } from '#base/time.ts';
import { GatewaySockets } from '#cli/load/gateway-sockets.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { Figures, type Operation, Population } from '#proto/load/index.ts';
import { LabError } from '../lab-error.ts';

export const ANCHOR = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
export const GATEWAYS = ['2001:db8:cafe:1025::15', '2001:db8:cafe:1026::15'].map(
  (text) => Ipv6Address.parse(text) as Ipv6Address,
) as [Ipv6Address, Ipv6Address];

/** Messages under way at once. */
const IN_FLIGHT = 64;
const PATIENCE = milliseconds(5000);

/** Two MAGs with many mobile nodes, which refresh as fast as the LMA answers, and move between them so many times a second. */
export class Gateways {
  readonly #sockets = new GatewaySockets(ANCHOR, GATEWAYS);
  readonly #population: Population;

  constructor(nodes: number) {
    this.#population = new Population({
      ...{ lma: ANCHOR, gateways: GATEWAYS, nodes, realm: 'example.net', service: 'ipv6', lifetime: seconds(36_000) },
      ...{ timestamps: false, patience: PATIENCE, tries: 1 },
    });
  }

  /** Registers every mobile node. Rejects with `LabError` when the LMA does not answer. */
  async registerAll(): Promise<void> {
    const figures = new Figures();
    this.#population.rewind();
    for (let asked = true; asked || this.#population.waiting > 0; ) {
      while (asked && this.#population.waiting < IN_FLIGHT) asked = this.#ask('attach', figures);
      await this.#exchange(figures);
    }
  }

  /** Returns how many messages a second were answered. Rejects with `LabError` when some were not. */
  async load(durationMs: number, movesPerSecond: number): Promise<number> {
    const figures = new Figures();
    const started = performance.now();
    let moves = 0;
    for (let now = started; now - started < durationMs; now = performance.now()) {
      const due = Math.floor(((now - started) / 1000) * movesPerSecond);
      while (this.#population.waiting < IN_FLIGHT) {
        const roams = moves < due;
        if (!this.#ask(roams ? 'handover' : 'refresh', figures)) this.#population.rewind();
        else if (roams) moves++;
      }
      await this.#exchange(figures);
    }
    while (this.#population.waiting > 0) await this.#exchange(figures);
    return (figures.accepted * 1000) / (performance.now() - started);
  }

  close(): void {
    this.#sockets.close();
  }

  /** Returns whether there was a mobile node to ask. */
  #ask(operation: Operation, figures: Figures): boolean {
    const next = this.#population.ask(operation, figures, this.#now(), utcTime(Date.now()));
    if (next) this.#sockets.send(next.gateway, next.octets);
    return next !== undefined;
  }

  async #exchange(figures: Figures): Promise<void> {
    this.#sockets.round(1, (gateway, octets) => {
      const reply = this.#population.receive(gateway, octets, this.#now());
      if (reply) this.#sockets.send(reply.gateway, reply.octets);
    });
    this.#population.retransmission(this.#now(), utcTime(Date.now()));
    const refused = [...figures.refused.values()].reduce((sum, count) => sum + count, 0);
    if (figures.lost + refused > 0)
      throw new LabError('no-answer', `${figures.lost} messages have no answer, ${refused} were refused`);
    await turn();
  }

  #now(): Instant {
    return monotonicMilliseconds() as Instant;
  }
}

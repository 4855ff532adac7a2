import type { StationLease, Stations } from '../stations.ts';

const NODES = 600;
/** Messages that are sent at once. */
const AT_ONCE = 4;
const PATIENCE_MS = 1000;
const ANSWERS_EVERY_MS = 5;
/** Mobile nodes of a MAG that come, renew their leases and leave at random; they remember what was acknowledged to them. */
export class Comings {
  readonly #stations: Stations;
  /** When those that wait for an answer asked. */
  readonly #asked = new Map<number, number>();
  /** They are here all the time, and answer who asks for them. */
  readonly #answering: NodeJS.Timeout;

  constructor(stations: Stations) {
    this.#stations = stations;
    this.#answering = setInterval(() => stations.receive(), ANSWERS_EVERY_MS);
  }

  /** Leases and renewals. */
  get acknowledged(): number {
    return this.#stations.acknowledged;
  }

  get givenTwice(): number {
    return this.#stations.givenTwice;
  }

  /** Some do something, and answers are taken. */
  exchange(): void {
    for (let i = 0; i < AT_ONCE; i++) this.#act(Math.floor(Math.random() * NODES));
    this.#stations.flush();
    this.#stations.receive();
  }

  /** What a MAG that was killed had sent is taken, and no more will come. */
  giveUp(): void {
    this.#stations.receive();
    this.#asked.clear();
  }

  /** Leases that were acknowledged before the kill and are not among those that the MAG has, by link-layer address. */
  missingFrom(held: ReadonlyMap<string, string>): string[] {
    const missing: string[] = [];
    for (const [station, lease] of this.#stations.leases) {
      const found = held.get(this.#stations.macOf(station).toCiscoString());
      if (found !== `${lease.address}`) missing.push(this.#describe(station, lease, found));
    }
    for (const station of this.#stations.refused)
      missing.push(`${this.#stations.macOf(station)} was refused its address`);
    this.#stations.refused.clear();
    return missing;
  }

  close(): void {
    clearInterval(this.#answering);
    this.#stations.close();
  }

  #act(station: number): void {
    const now = performance.now();
    const asked = this.#asked.get(station);
    const lease = this.#stations.leases.get(station);
    if (asked !== undefined && now - asked < PATIENCE_MS && !(lease && lease.at >= asked)) return;
    this.#asked.set(station, now);
    if (!lease) this.#stations.discover(station);
    else if (Math.random() < 0.5) this.#stations.renew(station);
    else {
      this.#stations.release(station);
      this.#asked.delete(station);
    }
  }

  #describe(station: number, { address }: StationLease, found = 'nothing'): string {
    return `${this.#stations.macOf(station)} ${address}, which has ${found}`;
  }
}

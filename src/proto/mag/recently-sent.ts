import type { MacAddress } from '#base/mac-address.ts';
import type { Instant } from '#base/time.ts';

const STATIONS_KEPT = 4096;

/** When the latest messages of stations went out that have no binding any more, so that a new binding does not start their rate anew. */
export class RecentlySent {
  readonly #byMac = new Map<number, Instant[]>();

  /** The oldest gives way. */
  keep(mac: MacAddress, sent: Instant[]): void {
    if (sent.length === 0) return;
    this.#byMac.delete(mac.key);
    this.#byMac.set(mac.key, sent);
    const oldest = this.#byMac.keys().next().value;
    if (this.#byMac.size > STATIONS_KEPT && oldest !== undefined) this.#byMac.delete(oldest);
  }

  take(mac: MacAddress): Instant[] {
    const sent = this.#byMac.get(mac.key) ?? [];
    this.#byMac.delete(mac.key);
    return sent;
  }
}

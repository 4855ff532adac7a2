import { RateLimit } from '#base/rate-limit.ts';
import type { Instant } from '#base/time.ts';
import type { UpdateRate } from './events.ts';

/** Each has a bucket of its own; those heard longest ago make room. */
const PEERS_MAXIMUM = 4096;

/** How many Proxy Binding Updates of each MAG are served: a token bucket by its address. */
export class UpdateLimits {
  readonly #buckets = new Map<string, RateLimit>();
  #rate: UpdateRate | undefined;
  /** Heard last. */
  #last: string | undefined;

  constructor(rate: UpdateRate | undefined) {
    this.#rate = rate;
  }

  configure(rate: UpdateRate | undefined): void {
    if (rate?.perSecond === this.#rate?.perSecond && rate?.burst === this.#rate?.burst) return;
    this.#rate = rate;
    this.#buckets.clear();
    this.#last = undefined;
  }

  /** Whether one more of the peer with this address key is served now. */
  allows(peer: string, now: Instant): boolean {
    if (!this.#rate) return true;
    const bucket = this.#buckets.get(peer) ?? new RateLimit(this.#rate.burst, this.#rate.perSecond);
    if (peer !== this.#last) {
      this.#buckets.delete(peer);
      this.#buckets.set(peer, bucket);
      this.#last = peer;
    }
    if (this.#buckets.size > PEERS_MAXIMUM) this.#buckets.delete(this.#buckets.keys().next().value as string);
    return bucket.allows(now);
  }
}

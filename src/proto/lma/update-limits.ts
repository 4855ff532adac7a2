import { RateLimit } from '#base/rate-limit.ts';
import { RecentMap } from '#base/recent-map.ts';
import type { Instant } from '#base/time.ts';
import type { UpdateRate } from './events.ts';

/** Each has a bucket of its own; those heard longest ago make room. */
const PEERS_MAXIMUM = 4096;

/** How many Proxy Binding Updates of each MAG are served: a token bucket by its address. */
export class UpdateLimits {
  readonly #buckets = new RecentMap<RateLimit>(PEERS_MAXIMUM);
  #rate: UpdateRate | undefined;

  constructor(rate: UpdateRate | undefined) {
    this.#rate = rate;
  }

  configure(rate: UpdateRate | undefined): void {
    if (rate?.perSecond === this.#rate?.perSecond && rate?.burst === this.#rate?.burst) return;
    this.#rate = rate;
    this.#buckets.clear();
  }

  /** Whether one more of the peer with this address key is served now. */
  allows(peer: string, now: Instant): boolean {
    if (!this.#rate) return true;
    const { burst, perSecond } = this.#rate;
    const bucket = this.#buckets.get(peer) ?? this.#buckets.add(peer, new RateLimit(burst, perSecond));
    return bucket.allows(now);
  }
}

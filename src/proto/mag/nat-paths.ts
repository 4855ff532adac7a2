import type { IpAddress } from '#base/ip-address.ts';
import { after, type Duration, earliest, type Instant, milliseconds, seconds } from '#base/time.ts';

/**
 * RFC 5844 §4.1.4.1 "Forwarding Considerations" gives data a port of its own, so the Proxy Binding Updates that RFC 5555 §4.3 "NAT Keepalives" has refresh the
 * state of a NAT do not keep that of data. Chooses: what does is sent at least this often, the default of RFC 3948, as nothing answers it and many NATs
 * forget such a flow after 30 s.
 */
const LONGEST_INTERVAL = seconds(20);

/** The LMAs, by address, on whose way there is a NAT. */
export class NatPaths {
  readonly #paths = new Map<string, { readonly interval: Duration; due: Instant }>();

  /** One was sent to this LMA, which advises to do so again within this time; without advice there is no NAT. */
  sent(lma: IpAddress, advice: Duration | undefined, now: Instant): void {
    if (advice === undefined) this.#paths.delete(lma.key);
    else {
      const interval = milliseconds(Math.min(advice, LONGEST_INTERVAL));
      this.#paths.set(lma.key, { interval, due: after(now, interval) });
    }
  }

  next(): Instant | undefined {
    let first: Instant | undefined;
    for (const { due } of this.#paths.values()) first = earliest(first, due);
    return first;
  }

  /** Those who are due. `send`: `false` when there is no session with it any more. */
  expire(now: Instant, send: (lma: string) => boolean): void {
    for (const [lma, path] of this.#paths) {
      if (path.due > now) continue;
      if (send(lma)) path.due = after(now, path.interval);
      else this.#paths.delete(lma);
    }
  }
}

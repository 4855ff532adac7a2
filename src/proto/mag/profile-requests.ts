import type { MacAddress } from '#base/mac-address.ts';
import type { MagContext } from './context.ts';
import type { AttachedEvent, MagInterface } from './events.ts';

/** A mobile node that waits for its profile. */
export interface Awaiting {
  readonly mac: MacAddress;
  /** Where it was seen last. */
  at: MagInterface;
  readonly clientNai: string | undefined;
  readonly provedNai: string | undefined;
}

/** The mobile nodes that the AAA server was asked about: each once, until the answer, which always comes. */
export class ProfileRequests {
  readonly #mag: MagContext;
  readonly #awaiting = new Map<number, Awaiting>();

  constructor(mag: MagContext) {
    this.#mag = mag;
  }

  get size(): number {
    return this.#awaiting.size;
  }

  ask({ mac, provedNai, clientNai: called, requestedAddress }: AttachedEvent, at: MagInterface): void {
    const clientNai = provedNai ?? called;
    const waiting = this.#awaiting.get(mac.key);
    if (waiting) {
      waiting.at = at;
      return;
    }
    this.#awaiting.set(mac.key, { mac, at, clientNai, provedNai });
    this.#mag.stats.profilesAsked++;
    this.#mag.emit({
      kind: 'profile-request',
      interface: at.name,
      mac,
      accessTechnology: at.accessTechnology,
      ...(clientNai !== undefined && { clientNai }),
      ...(requestedAddress && { requestedAddress }),
      ...this.#service(clientNai),
    });
  }

  /** RFC 6572 §4.3 "Service-Selection": the server is told it "if the information was acquired, e.g., by operator-specific configuration". */
  #service(nai: string | undefined): { readonly service?: string } {
    const { aaa } = this.#mag.config;
    const service = (nai === undefined ? undefined : aaa?.overrides.get(nai)?.apn) ?? aaa?.apn;
    return service === undefined ? {} : { service };
  }

  /** The answer is there. `undefined` when nobody waits for it. */
  take(mac: MacAddress): Awaiting | undefined {
    const waiting = this.#awaiting.get(mac.key);
    this.#awaiting.delete(mac.key);
    return waiting;
  }

  /** Those that are meant have left, or are not to be served. */
  cancel(isMeant: (waiting: Awaiting) => boolean): void {
    for (const waiting of this.#awaiting.values()) {
      if (!isMeant(waiting)) continue;
      this.#awaiting.delete(waiting.mac.key);
      this.#mag.emit({ kind: 'profile-cancel', mac: waiting.mac });
    }
  }
}

import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Duration, Instant } from '#base/time.ts';
import { after, elapsed, milliseconds, seconds } from '#base/time.ts';
import type { NeighborDiscoveryOption, RouterAdvertisement } from '#wire/icmpv6.ts';
import { findNeighborDiscoveryOption } from '#wire/icmpv6.ts';
import type { Timers } from './scheduler.ts';

export interface DefaultRouter {
  readonly address: Ipv6Address;
  readonly mac: MacAddress;
}

type PrefixInformation = Extract<NeighborDiscoveryOption, { kind: 'prefix-information' }>;

interface Held {
  readonly address: Ipv6Address;
  readonly prefix: Ipv6Prefix;
  preferredUntil: Instant;
  validUntil: Instant;
  cancelExpiry: () => void;
}

/** As Linux solicits: RTR_SOLICITATION_INTERVAL of RFC 4861 §10 "Protocol Constants", then ever more slowly (RFC 7559). */
const SOLICITATION_INTERVAL = seconds(4);
const SOLICITATION_INTERVAL_MAXIMUM = seconds(3600);
const TWO_HOURS = seconds(7200);

/** The host side of RFC 4861 and RFC 4862 as the kernel of Linux has it: solicits a router, takes prefixes and forms addresses from the link-layer address. */
export class Autoconfiguration {
  readonly #held = new Map<string, Held>();
  #router: DefaultRouter | undefined;
  #cancelSolicitation: () => void = () => {};
  #cancelRouter: () => void = () => {};
  readonly #mac: MacAddress;
  readonly #scheduler: Timers;
  readonly #solicit: () => void;
  readonly #changed: () => void;

  constructor(mac: MacAddress, scheduler: Timers, solicit: () => void, changed: () => void) {
    this.#mac = mac;
    this.#scheduler = scheduler;
    this.#solicit = solicit;
    this.#changed = changed;
  }

  /** The one to send from: preferred rather than deprecated, and of those the latest. */
  get address(): Ipv6Address | undefined {
    const now = this.#scheduler.now;
    const all = [...this.#held.values()].reverse();
    return (all.find(({ preferredUntil }) => preferredUntil > now) ?? all[0])?.address;
  }

  /** Those that may be used for new traffic. */
  get preferred(): Ipv6Address[] {
    const now = this.#scheduler.now;
    return [...this.#held.values()].filter(({ preferredUntil }) => preferredUntil > now).map(({ address }) => address);
  }

  /** Deprecated ones too. */
  get addresses(): Ipv6Address[] {
    return Array.from(this.#held.values(), ({ address }) => address);
  }

  get router(): DefaultRouter | undefined {
    return this.#router;
  }

  /** The link has its carrier. */
  start(): void {
    this.#cancelSolicitation();
    this.#ask(SOLICITATION_INTERVAL);
  }

  /** The interface is taken down. */
  stop(): void {
    this.#cancelSolicitation();
    this.#cancelRouter();
    this.#router = undefined;
    for (const { cancelExpiry } of this.#held.values()) cancelExpiry();
    this.#held.clear();
    this.#changed();
  }

  receive(advertisement: RouterAdvertisement, source: Ipv6Address): void {
    const mac = findNeighborDiscoveryOption(advertisement.options, 'source-link-layer-address')?.mac;
    if (mac) this.#noteRouter({ address: source, mac }, advertisement.routerLifetime);
    for (const option of advertisement.options) {
      if (option.kind === 'prefix-information' && option.autonomous && option.prefix.length === 64) this.#note(option);
    }
    this.#changed();
  }

  #noteRouter(router: DefaultRouter, lifetime: Duration): void {
    this.#cancelRouter();
    this.#router = undefined;
    if (lifetime <= 0) return;
    this.#cancelSolicitation();
    this.#router = router;
    this.#cancelRouter = this.#scheduler.schedule(lifetime, () => {
      this.#router = undefined;
    });
  }

  /**
   * RFC 4862 §5.5.3(e) "Router Advertisement Processing": a valid lifetime is lowered to two hours at the least, or stays when less is left.
   */
  #note({ prefix, validLifetime, preferredLifetime }: PrefixInformation): void {
    const { now } = this.#scheduler;
    const held = this.#held.get(prefix.network.key) ?? this.#form(prefix, validLifetime);
    if (!held) return;
    const left = elapsed(now, held.validUntil);
    const valid = validLifetime > TWO_HOURS || validLifetime > left ? validLifetime : Math.min(left, TWO_HOURS);
    held.preferredUntil = after(now, preferredLifetime);
    held.validUntil = after(now, milliseconds(valid));
    held.cancelExpiry();
    held.cancelExpiry = this.#scheduler.schedule(milliseconds(valid), () => {
      this.#held.delete(prefix.network.key);
      this.#changed();
    });
  }

  #form(prefix: Ipv6Prefix, validLifetime: Duration): Held | undefined {
    if (validLifetime <= 0) return undefined;
    const { now } = this.#scheduler;
    const { w2, w3 } = linkLocalFromMac(this.#mac);
    const { w0, w1 } = prefix.address;
    const address = new Ipv6Address(w0, w1, w2, w3);
    const held = { address, prefix, preferredUntil: now, validUntil: now, cancelExpiry: () => {} };
    this.#held.set(prefix.network.key, held);
    return held;
  }

  #ask(interval: Duration): void {
    if (this.#router && interval !== SOLICITATION_INTERVAL) return;
    this.#solicit();
    const next = milliseconds(Math.min(interval * 2, SOLICITATION_INTERVAL_MAXIMUM));
    this.#cancelSolicitation = this.#scheduler.schedule(interval, () => this.#ask(next));
  }
}

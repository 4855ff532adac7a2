import { Ipv6Address, type Ipv6Prefix, linkLocalFromMac } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import type { RouterAdvertisement } from '#wire/icmpv6.ts';
import { findNeighborDiscoveryOption } from '#wire/icmpv6.ts';
import type { Scheduler } from './scheduler.ts';

export interface DefaultRouter {
  readonly address: Ipv6Address;
  readonly mac: MacAddress;
}

/** RFC 4861 §10 "Protocol Constants". */
const SOLICITATIONS = 3;
const SOLICITATION_INTERVAL = seconds(4);

/** The host side of RFC 4861 and RFC 4862: solicits a router, takes its prefix and forms an address from the link-layer address. */
export class Autoconfiguration {
  #address: Ipv6Address | undefined;
  #router: DefaultRouter | undefined;
  #cancelSolicitation: () => void = () => {};
  #cancelExpiry: () => void = () => {};
  readonly #mac: MacAddress;
  readonly #scheduler: Scheduler;
  readonly #solicit: () => void;
  readonly #changed: () => void;

  constructor(mac: MacAddress, scheduler: Scheduler, solicit: () => void, changed: () => void) {
    this.#mac = mac;
    this.#scheduler = scheduler;
    this.#solicit = solicit;
    this.#changed = changed;
  }

  get address(): Ipv6Address | undefined {
    return this.#address;
  }

  get router(): DefaultRouter | undefined {
    return this.#router;
  }

  start(): void {
    this.#ask(SOLICITATIONS);
  }

  stop(): void {
    this.#cancelSolicitation();
    this.#forget();
  }

  receive(advertisement: RouterAdvertisement, source: Ipv6Address): void {
    const information = findNeighborDiscoveryOption(advertisement.options, 'prefix-information');
    const mac = findNeighborDiscoveryOption(advertisement.options, 'source-link-layer-address')?.mac;
    if (!information?.autonomous || information.prefix.length !== 64 || !mac) return;
    this.#cancelSolicitation();
    this.#cancelExpiry();
    if (information.validLifetime <= 0) {
      this.#forget();
      return;
    }
    this.#router = advertisement.routerLifetime > 0 ? { address: source, mac } : undefined;
    this.#address = addressIn(information.prefix, this.#mac);
    this.#cancelExpiry = this.#scheduler.schedule(information.validLifetime, () => this.#forget());
    this.#changed();
  }

  #ask(left: number): void {
    if (left === 0) return;
    this.#solicit();
    this.#cancelSolicitation = this.#scheduler.schedule(SOLICITATION_INTERVAL, () => this.#ask(left - 1));
  }

  #forget(): void {
    this.#cancelExpiry();
    this.#address = undefined;
    this.#router = undefined;
    this.#changed();
  }
}

function addressIn({ address }: Ipv6Prefix, mac: MacAddress): Ipv6Address {
  const { w2, w3 } = linkLocalFromMac(mac);
  return new Ipv6Address(address.w0, address.w1, w2, w3);
}

import { Ipv4Address, ipv4Netmask } from '#base/ipv4-address.ts';
import type { Duration, Instant } from '#base/time.ts';
import type { HomeAddress } from './binding.ts';
import type { Ipv4PoolConfig } from './events.ts';
import { IndexPool } from './index-pool.ts';

/** Home addresses of one configured range, without the gateway and the two ends of its prefix. */
export class Ipv4Pool {
  readonly #config: Ipv4PoolConfig;
  readonly #indexes: IndexPool;

  constructor(config: Ipv4PoolConfig, quarantine: Duration, multiplier: number) {
    this.#config = config;
    const size = Math.max(0, this.#offset(config.high) + 1);
    const reserved = unusableAddresses(config).map((address) => this.#offset(address));
    const unusable = new Set(reserved.filter((index) => index >= 0 && index < size));
    this.#indexes = new IndexPool(size, quarantine, multiplier, unusable);
  }

  get range(): string {
    return `${this.#config.low}-${this.#config.high}`;
  }

  get held(): number {
    return this.#indexes.held;
  }

  get available(): number {
    return this.#indexes.available;
  }

  allocate(owner: string, now: Instant): HomeAddress | undefined {
    const index = this.#indexes.allocate(owner, now);
    return index === undefined ? undefined : this.#homeAddress(this.#config.low.plus(index));
  }

  /** That very address; `undefined` when it is not of this pool or not free. */
  claim(address: Ipv4Address, owner: string, now: Instant): HomeAddress | undefined {
    return this.#indexes.claim(this.#offset(address), owner, now) ? this.#homeAddress(address) : undefined;
  }

  /** For whose it is by right, in quarantine after another owner too. */
  reclaim(address: Ipv4Address): boolean {
    return this.#indexes.reclaim(this.#offset(address));
  }

  /** Does nothing for an address of another pool. */
  release(address: Ipv4Address, owner: string, now: Instant): void {
    this.#indexes.release(this.#offset(address), owner, now);
  }

  contains(address: Ipv4Address): boolean {
    const offset = this.#offset(address);
    return offset >= 0 && offset < this.#indexes.size;
  }

  #homeAddress(address: Ipv4Address): HomeAddress {
    return { address, prefixLength: this.#config.prefixLength, defaultRouter: this.#config.gateway };
  }

  #offset(address: Ipv4Address): number {
    return (address.word >>> 0) - (this.#config.low.word >>> 0);
  }
}

function unusableAddresses({ gateway, low, prefixLength }: Ipv4PoolConfig): Ipv4Address[] {
  if (prefixLength >= 31) return [gateway];
  const mask = ipv4Netmask(prefixLength).word;
  return [gateway, new Ipv4Address(low.word & mask), new Ipv4Address(low.word | ~mask)];
}

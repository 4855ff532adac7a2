import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Binding, HomeAddress } from './binding.ts';
import type { LmaConfig } from './events.ts';
import { Ipv4Pool } from './ipv4-pool.ts';
import { Ipv6Pool } from './ipv6-pool.ts';

export interface PoolUse {
  readonly held: number;
  readonly available: number;
}

/** The configured pools, in their order; an owner is one interface of one mobile node. */
export class AddressAllocator {
  #pools: LmaConfig['pools'];
  #ipv4: Ipv4Pool[] = [];
  #ipv6: Ipv6Pool[] = [];

  constructor(pools: LmaConfig['pools']) {
    this.#pools = pools;
    this.#build();
  }

  /**
   * Takes other pools into use. Addresses that `bindings` hold stay lent where the new pools contain them; what rested is forgotten
   * unless nothing changed.
   */
  configure(pools: LmaConfig['pools'], bindings: Iterable<Binding>): void {
    if (describePools(pools) === describePools(this.#pools)) return;
    this.#pools = pools;
    this.#build();
    for (const binding of bindings) this.reclaim(binding);
  }

  allocateHomeAddress(owner: string): HomeAddress | undefined {
    return firstFound(this.#ipv4, (pool) => pool.allocate(owner));
  }

  claimHomeAddress(address: Ipv4Address, owner: string): HomeAddress | undefined {
    return firstFound(this.#ipv4, (pool) => pool.claim(address, owner));
  }

  releaseHomeAddress(address: Ipv4Address): void {
    for (const pool of this.#ipv4) pool.release(address);
  }

  allocatePrefix(owner: string): Ipv6Prefix | undefined {
    return firstFound(this.#ipv6, (pool) => pool.allocate(owner));
  }

  claimPrefix(prefix: Ipv6Prefix, owner: string): Ipv6Prefix | undefined {
    return firstFound(this.#ipv6, (pool) => pool.claim(prefix, owner));
  }

  releasePrefix(prefix: Ipv6Prefix): void {
    for (const pool of this.#ipv6) pool.release(prefix);
  }

  /** Marks the addresses of an existing binding as lent to it. */
  reclaim(binding: Binding): void {
    const owner = ownerOf(binding);
    if (binding.homeAddress) this.claimHomeAddress(binding.homeAddress.address, owner);
    for (const prefix of binding.prefixes) this.claimPrefix(prefix, owner);
  }

  releaseAll(binding: Binding): void {
    if (binding.homeAddress) this.releaseHomeAddress(binding.homeAddress.address);
    for (const prefix of binding.prefixes) this.releasePrefix(prefix);
  }

  use(): { readonly ipv4: PoolUse[]; readonly ipv6: PoolUse[] } {
    const row = ({ held, available }: PoolUse) => ({ held, available });
    return { ipv4: this.#ipv4.map(row), ipv6: this.#ipv6.map(row) };
  }

  #build(): void {
    this.#ipv4 = this.#pools.ipv4.map((config) => new Ipv4Pool(config));
    this.#ipv6 = this.#pools.ipv6.map((config) => new Ipv6Pool(config));
  }
}

/** The name under which the pools remember who had an address. */
export function ownerOf({
  customer,
  mobileNode,
  interface: of,
}: Pick<Binding, 'customer' | 'mobileNode' | 'interface'>): string {
  return `${customer}/${mobileNode.name}/${of.linkLayerIdentifier}`;
}

function firstFound<Pool, Found>(pools: readonly Pool[], find: (pool: Pool) => Found | undefined): Found | undefined {
  for (const pool of pools) {
    const found = find(pool);
    if (found !== undefined) return found;
  }
  return undefined;
}

function describePools(pools: LmaConfig['pools']): string {
  const ipv4 = pools.ipv4.map((pool) => `${pool.low}-${pool.high}/${pool.prefixLength} ${pool.gateway}`);
  const ipv6 = pools.ipv6.map((pool) => `${pool.prefix} ${pool.assignedLength}`);
  return [...ipv4, ...ipv6].join(', ');
}

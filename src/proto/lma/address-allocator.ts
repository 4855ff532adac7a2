import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Instant } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { Binding, HomeAddress } from './binding.ts';
import type { LmaConfig } from './events.ts';
import { Ipv4Pool } from './ipv4-pool.ts';
import { Ipv6Pool } from './ipv6-pool.ts';

export interface PoolUse {
  /** Of the configuration: `192.0.2.1-192.0.2.253`, `2001:db8:f00d::/48`. */
  readonly range: string;
  readonly held: number;
  readonly available: number;
}

/**
 * Chooses: this long a returned address is for its last owner alone, so that packets and name servers that still mean that one do not meet
 * another. RFC 5213 §5.3.5(2) "Binding De-Registration" lets the anchor "potentially reassign the prefix(es)" when the binding is deleted.
 */
const QUARANTINE = seconds(60);
const NO_POOLS: readonly never[] = [];

/**
 * The configured pools, in their order; an owner is one interface of one mobile node. A mobile node is served from the pools of its
 * network; without one, from those of the first network of each family. What belongs to no pool, as addresses that a
 * profile states or pools that were taken away, is lent to one owner at a time too.
 */
export class AddressAllocator {
  #pools: LmaConfig['pools'];
  #ipv4 = new Pools<Ipv4Pool>([]);
  #ipv6 = new Pools<Ipv6Pool>([]);
  readonly #outside = new Set<string>();
  readonly #multiplier: number;

  /** `multiplier`: odd, of hashes, and not known to mobile nodes. */
  constructor(pools: LmaConfig['pools'], multiplier: number) {
    this.#pools = pools;
    this.#multiplier = multiplier;
    this.#build();
  }

  /**
   * Takes other pools into use. Addresses that `bindings` hold stay lent; what rested is forgotten unless nothing changed.
   */
  configure(pools: LmaConfig['pools'], bindings: Iterable<Binding>): void {
    if (describePools(pools) === describePools(this.#pools)) return;
    this.#pools = pools;
    this.#build();
    this.#outside.clear();
    for (const binding of bindings) this.reclaim(binding);
  }

  /** Whether a network has addresses of one family only, and which; `undefined`: both, or none at all. */
  onlyFamilyOf(network: string | undefined): 'ipv4' | 'ipv6' | undefined {
    const hasIpv4 = this.#ipv4.of(network).length > 0;
    const hasIpv6 = this.#ipv6.of(network).length > 0;
    if (hasIpv4 === hasIpv6) return undefined;
    return hasIpv4 ? 'ipv4' : 'ipv6';
  }

  allocateHomeAddress(owner: string, network: string | undefined, now: Instant): HomeAddress | undefined {
    return firstAllocated(this.#ipv4.of(network), owner, now);
  }

  /** That very address, if it is of the pools of this network and free. */
  claimHomeAddress(
    address: Ipv4Address,
    owner: string,
    network: string | undefined,
    now: Instant,
  ): HomeAddress | undefined {
    return firstClaimed(this.#ipv4.of(network), address, owner, now);
  }

  /** An address that a profile states, wherever it is from; false when somebody else has it. */
  claimFixedHomeAddress({ address }: HomeAddress): boolean {
    const pool = this.#ipv4.all.find((pool) => pool.contains(address));
    return pool ? pool.reclaim(address) : this.#claimOutside(address.key);
  }

  releaseHomeAddress(address: Ipv4Address, owner: string, now: Instant): void {
    this.#outside.delete(address.key);
    for (const pool of this.#ipv4.all) pool.release(address, owner, now);
  }

  allocatePrefix(owner: string, network: string | undefined, now: Instant): Ipv6Prefix | undefined {
    return firstAllocated(this.#ipv6.of(network), owner, now);
  }

  claimPrefix(prefix: Ipv6Prefix, owner: string, network: string | undefined, now: Instant): Ipv6Prefix | undefined {
    return firstClaimed(this.#ipv6.of(network), prefix, owner, now);
  }

  claimFixedPrefix(prefix: Ipv6Prefix): boolean {
    const pool = this.#ipv6.all.find((pool) => pool.overlaps(prefix));
    return pool ? pool.reclaim(prefix) : this.#claimOutside(prefix.key);
  }

  releasePrefix(prefix: Ipv6Prefix, owner: string, now: Instant): void {
    this.#outside.delete(prefix.key);
    for (const pool of this.#ipv6.all) pool.release(prefix, owner, now);
  }

  /** Marks the addresses of an existing binding as lent to it. */
  reclaim(binding: Binding): void {
    if (binding.homeAddress) this.claimFixedHomeAddress(binding.homeAddress);
    for (const prefix of binding.prefixes) this.claimFixedPrefix(prefix);
  }

  /** The interface that it was last of may have them again. */
  releaseAll(binding: Binding, now: Instant): void {
    const owner = ownerOf(binding);
    if (binding.homeAddress) this.releaseHomeAddress(binding.homeAddress.address, owner, now);
    for (const prefix of binding.prefixes) this.releasePrefix(prefix, owner, now);
  }

  /** `outside`: addresses and prefixes of no pool that are lent. */
  use(): { readonly ipv4: PoolUse[]; readonly ipv6: PoolUse[]; readonly outside: number } {
    const row = ({ range, held, available }: PoolUse) => ({ range, held, available });
    return { ipv4: this.#ipv4.all.map(row), ipv6: this.#ipv6.all.map(row), outside: this.#outside.size };
  }

  #claimOutside(key: string): boolean {
    if (this.#outside.has(key)) return false;
    this.#outside.add(key);
    return true;
  }

  /** Networks that name the same pool share it. */
  #build(): void {
    const { ipv4, ipv6, quarantine = QUARANTINE } = this.#pools;
    const multiplier = this.#multiplier;
    this.#ipv4 = new Pools(shared(ipv4, describeIpv4, (config) => new Ipv4Pool(config, quarantine, multiplier)));
    this.#ipv6 = new Pools(shared(ipv6, describeIpv6, (config) => new Ipv6Pool(config, quarantine, multiplier)));
  }
}

interface PoolOf<Pool> {
  readonly pool: Pool;
  /** That it is for; several when they name the same pool. */
  readonly networks: ReadonlySet<string | undefined>;
}

/** Those of one family, in the order of the configuration. */
class Pools<Pool> {
  readonly all: readonly Pool[];
  readonly #byNetwork = new Map<string | undefined, Pool[]>();
  /** Of a mobile node without a network. */
  readonly #first: readonly Pool[];

  constructor(pools: readonly PoolOf<Pool>[]) {
    this.all = pools.map(({ pool }) => pool);
    for (const { pool, networks } of pools)
      for (const network of networks) this.#byNetwork.set(network, [...(this.#byNetwork.get(network) ?? []), pool]);
    this.#first = [...this.#byNetwork.values()][0] ?? [];
  }

  of(network: string | undefined): readonly Pool[] {
    return network === undefined ? this.#first : (this.#byNetwork.get(network) ?? NO_POOLS);
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

function shared<Config extends { readonly network?: string }, Pool>(
  configs: readonly Config[],
  describe: (config: Config) => string,
  create: (config: Config) => Pool,
): PoolOf<Pool>[] {
  const pools = new Map<string, { pool: Pool; networks: Set<string | undefined> }>();
  for (const config of configs) {
    const key = describe(config);
    const known = pools.get(key);
    if (known) known.networks.add(config.network);
    else pools.set(key, { pool: create(config), networks: new Set([config.network]) });
  }
  return [...pools.values()];
}

/** Addresses that are lent as such or, with more than that, as `Lent`. */
interface Lender<Address, Lent> {
  allocate(owner: string, now: Instant): Lent | undefined;
  claim(address: Address, owner: string, now: Instant): Lent | undefined;
}

function firstAllocated<Lent>(pools: readonly Lender<never, Lent>[], owner: string, now: Instant): Lent | undefined {
  for (const pool of pools) {
    const lent = pool.allocate(owner, now);
    if (lent !== undefined) return lent;
  }
  return undefined;
}

function firstClaimed<Address, Lent>(
  pools: readonly Lender<Address, Lent>[],
  address: Address,
  owner: string,
  now: Instant,
): Lent | undefined {
  for (const pool of pools) {
    const lent = pool.claim(address, owner, now);
    if (lent !== undefined) return lent;
  }
  return undefined;
}

function describePools({ ipv4, ipv6, quarantine = milliseconds(0) }: LmaConfig['pools']): string {
  const named = (text: string, network: string | undefined) => `${network ?? ''} ${text}`;
  return [
    ...ipv4.map((pool) => named(describeIpv4(pool), pool.network)),
    ...ipv6.map((pool) => named(describeIpv6(pool), pool.network)),
    `${quarantine}`,
  ].join(', ');
}

function describeIpv4({ low, high, prefixLength, gateway }: LmaConfig['pools']['ipv4'][number]): string {
  return `${low}-${high}/${prefixLength} ${gateway}`;
}

function describeIpv6({ prefix, assignedLength }: LmaConfig['pools']['ipv6'][number]): string {
  return `${prefix} ${assignedLength}`;
}

import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import type { MagConfig, MagLma, MagProfile } from './events.ts';

/** LMAs beside those of the configuration; a server that names more than this is not believed. */
const UNLISTED_MAXIMUM = 256;

/** The LMAs that a MAG knows: those of its configuration, and those that the AAA server named by their addresses. */
export class LmaDirectory {
  #config: MagConfig;
  readonly #unlisted = new Map<string, MagLma>();

  constructor(config: MagConfig) {
    this.#config = config;
  }

  /** LMAs that the AAA server named stay, with what the configuration now says of such. */
  configure(config: MagConfig): void {
    this.#config = config;
    for (const [name, lma] of this.#unlisted) this.#unlisted.set(name, unlisted(config, name, lma));
  }

  named(name: string): MagLma | undefined {
    return this.#config.lmas.find((lma) => lma.name === name) ?? this.#unlisted.get(name);
  }

  at(address: IpAddress): MagLma | undefined {
    const isAt = ({ ipv4, ipv6 }: MagLma) => sameAddress(ipv4, address) || sameAddress(ipv6, address);
    const listed = this.#config.lmas.find(isAt);
    if (listed || this.#unlisted.size === 0) return listed;
    return [...this.#unlisted.values()].find(isAt);
  }

  /**
   * The LMA of a profile: the one that it names, or the one at the addresses that it gives, or, where it does neither, the first of the
   * configuration.
   */
  of({ lma: name, lmaAddresses }: MagProfile): MagLma | undefined {
    if (name === undefined && !lmaAddresses) return this.#config.lmas[0];
    const listed = name === undefined ? undefined : this.#config.lmas.find((lma) => lma.name === name);
    if (listed || !lmaAddresses) return listed;
    const { ipv6, ipv4 } = lmaAddresses;
    const known = (ipv6 && this.at(ipv6)) ?? (ipv4 && this.at(ipv4));
    if (known && (name === undefined || known.name === name)) return known;
    return this.#learn(name ?? String(ipv6 ?? ipv4), lmaAddresses);
  }

  #learn(name: string, addresses: Pick<MagLma, 'ipv6' | 'ipv4'>): MagLma | undefined {
    if (!this.#unlisted.has(name) && this.#unlisted.size >= UNLISTED_MAXIMUM) return undefined;
    const lma = unlisted(this.#config, name, addresses);
    this.#unlisted.set(name, lma);
    return lma;
  }
}

function unlisted({ aaa }: MagConfig, name: string, { ipv6, ipv4 }: Pick<MagLma, 'ipv6' | 'ipv4'>): MagLma {
  return { ...aaa?.unlistedLma, name, ...(ipv6 && { ipv6 }), ...(ipv4 && { ipv4 }) };
}

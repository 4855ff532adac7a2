import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';

/** A profile as the `nai` command of the domain states it, or an AAA server. */
export interface MagProfile {
  readonly nai: string;
  /** Goes out in the Service Selection option. */
  readonly apn?: string;
  /** The name of an LMA of the configuration; without it the first one serves. */
  readonly lma?: string;
  /** Of that LMA, where the configuration has none of the name. */
  readonly lmaAddresses?: { readonly ipv6?: Ipv6Address; readonly ipv4?: Ipv4Address };
  readonly service: 'ipv4' | 'ipv6' | 'dual';
  readonly network?: string;
  /** It may be here by several interfaces at once, each with a session of its own. */
  readonly multihomed?: boolean;
  /** Whether it reaches other mobile nodes of this MAG without its LMA; the MAG's own setting where it is absent. */
  readonly localRouting?: boolean;
  /** Keys of its GRE tunnel, as seen from the mobile node: `up` to the LMA. */
  readonly greKeys?: { readonly up?: number; readonly down?: number };
}

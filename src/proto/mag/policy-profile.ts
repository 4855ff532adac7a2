import type { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';

/** A profile as the `nai` command of the domain states it, or an AAA server. */
import type { Naming } from '../aaa/naming.ts';

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
  /** What its LMA is asked for first; one that refuses chooses. */
  readonly addresses?: { readonly homeAddress?: Ipv4Prefix; readonly prefixes: readonly Ipv6Prefix[] };
  /** To which its DHCP messages are relayed; where the gateway says without one. */
  readonly dhcpServer?: Ipv4Address;
  /** Before what its network has. */
  readonly naming?: Naming;
  /** Names of attributes of the AAA server that change nothing here; for the operator. */
  readonly withoutEffect?: readonly string[];
  /** Keys of its GRE tunnel, as seen from the mobile node: `up` to the LMA. */
  readonly greKeys?: { readonly up?: number; readonly down?: number };
}

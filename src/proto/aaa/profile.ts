import type { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import type { Naming } from './naming.ts';

/** What the AAA server says of a mobile node; what it leaves out is not there. */
export interface AaaProfile {
  /** What the mobile node is called in signalling. */
  readonly nai?: string;
  readonly service?: 'ipv4' | 'ipv6' | 'dual';
  /** Of an LMA of the configuration, where it has one of that name. */
  readonly lma?: string;
  readonly lmaIpv6?: Ipv6Address;
  readonly lmaIpv4?: Ipv4Address;
  readonly apn?: string;
  readonly network?: string;
  readonly multihomed?: boolean;
  /** False when it must not reach other mobile nodes of its MAG without its LMA. */
  readonly localRouting?: false;
  /** False when its tunnel must not be over IPv4. */
  readonly ipv4Transport?: false;
  /** Addresses that the AAA server assigns: an LMA gives them, a MAG asks its LMA for them. */
  readonly homeAddress?: Ipv4Prefix;
  readonly gateway?: Ipv4Address;
  readonly prefixes: readonly Ipv6Prefix[];
  /** To which a MAG relays the DHCP messages of the mobile node. */
  readonly dhcpServer?: Ipv4Address;
  readonly naming?: Naming;
  /** RFC 2865 §5.27 "Session-Timeout": how long the session may last. */
  readonly sessionTimeout?: Duration;
  /** RFC 2869 §5.16 "Acct-Interim-Interval". */
  readonly interimInterval?: Duration;
  /** RFC 2865 §5.25 "Class": goes unchanged into the accounting of the session. */
  readonly classes: readonly Uint8Array[];
  /** Names of attributes of RFC 6572 in the answer that change nothing for whoever asked. */
  readonly withoutEffect?: readonly string[];
}

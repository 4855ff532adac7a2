import type { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';

/** Who asks an AAA server about a mobile node. */
export type Asker = 'gateway' | 'anchor';

/** What the attributes of one network say, the home network or a visited one. */
export interface NetworkAttributes {
  readonly lmaIpv6?: Ipv6Address | undefined;
  readonly lmaIpv4?: Ipv4Address | undefined;
  readonly prefixes: readonly Ipv6Prefix[];
  readonly homeAddress?: Ipv4Prefix | undefined;
  readonly gateway?: Ipv4Address | undefined;
  readonly dhcpServer?: Ipv4Address | undefined;
  /** Names of those that change nothing for whoever asked. */
  readonly withoutEffect: readonly string[];
}

/** All values of an attribute, by its name. */
type All = <T>(name: string) => T[];

/** RFC 6572 §4 "Attribute Definitions" has each of these once for the home network and once for a visited one. */
const PARTS = [
  'LMA-IPv6-Address',
  'LMA-IPv4-Address',
  'HN-Prefix',
  'Interface-ID',
  'IPv4-HoA',
  'DHCP4-Server-Address',
  'DHCP6-Server-Address',
  'IPv4-Gateway',
] as const;
type Part = (typeof PARTS)[number];

/**
 * An LMA is not told which LMA serves; a MAG learns the gateway from its LMA. An interface identifier has effect nowhere: RFC 6572 §4.10 "PMIP6-Home-Interface-ID" has it for links "where the network explicitly delivers an
 * interface identifier to the MN during the link setup", which Ethernet and Wi-Fi do not. Nor has a DHCPv6 server: nodes make their addresses by themselves, and the MAG
 * answers what else they ask.
 */
const EFFECTIVE: Readonly<Record<Asker, readonly Part[]>> = {
  gateway: ['LMA-IPv6-Address', 'LMA-IPv4-Address', 'HN-Prefix', 'IPv4-HoA', 'DHCP4-Server-Address'],
  anchor: ['HN-Prefix', 'IPv4-HoA', 'IPv4-Gateway'],
};

/**
 * The attributes of the network that is meant. RFC 6572 §4.9 "PMIP6-Visited-HN-Prefix": those of a visited network "SHOULD NOT be included if the use of LMA in the home network is authorized".
 * Chooses: they hold where the answer says nothing of the home network (`namesHome`: by pairs of Cisco), and otherwise those of the home network do.
 */
export function networkAttributes(all: All, asker: Asker, namesHome: boolean): NetworkAttributes {
  const present = (network: string) => PARTS.filter((part) => all(`PMIP6-${network}-${part}`).length > 0);
  const home = present('Home');
  const visited = present('Visited');
  const isHome = namesHome || home.length > 0;
  const network = isHome ? 'Home' : 'Visited';
  const value = <T>(part: Part) => all<T>(`PMIP6-${network}-${part}`)[0];
  const used = (isHome ? home : visited).filter((part) => EFFECTIVE[asker].includes(part));
  const named = [...home.map((part) => `PMIP6-Home-${part}`), ...visited.map((part) => `PMIP6-Visited-${part}`)];
  return {
    lmaIpv6: value<Ipv6Address>('LMA-IPv6-Address'),
    lmaIpv4: value<Ipv4Address>('LMA-IPv4-Address'),
    prefixes: all<Ipv6Prefix>(`PMIP6-${network}-HN-Prefix`),
    homeAddress: value<Ipv4Prefix>('IPv4-HoA'),
    gateway: value<Ipv4Address>('IPv4-Gateway'),
    dhcpServer: value<Ipv4Address>('DHCP4-Server-Address'),
    withoutEffect: named.filter((name) => !used.some((part) => name === `PMIP6-${network}-${part}`)),
  };
}

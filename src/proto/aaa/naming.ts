import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';

/** By which servers and in which domain a mobile node resolves names. */
export interface Naming {
  readonly ipv4: readonly Ipv4Address[];
  readonly ipv6: readonly Ipv6Address[];
  readonly domainName?: string;
}

/** What an answer has. `pair` reads one pair of Cisco's, `all` the values of an attribute. */
interface Reader {
  pair<T>(name: string, parse: (text: string) => T | undefined): T | undefined;
  all<T>(name: string): T[];
}

/** Chooses: hosts ask three servers at most, and messages to them are short. */
const SERVERS_MAXIMUM = 4;

/**
 * Cisco's pairs, or for IPv6 the DNS-Server-IPv6-Address of RFC 6911 and for IPv4 the MS-Primary-DNS-Server and MS-Secondary-DNS-Server of RFC 2548; `undefined` when there is none of
 * all these. A list has blanks or commas between its addresses.
 */
export function naming({ pair, all }: Reader): Naming | undefined {
  const ipv4 = pair('ip:dns-servers', listOf(Ipv4Address.parse)) ?? [
    ...all<Ipv4Address>('MS-Primary-DNS-Server'),
    ...all<Ipv4Address>('MS-Secondary-DNS-Server'),
  ];
  const ipv6 =
    pair('ipv6:ipv6-dns-servers-addr', listOf(Ipv6Address.parse)) ?? all<Ipv6Address>('DNS-Server-IPv6-Address');
  const domainName = pair('ip:default-domain', domain);
  if (ipv4.length + ipv6.length === 0 && domainName === undefined) return undefined;
  return {
    ipv4: ipv4.slice(0, SERVERS_MAXIMUM),
    ipv6: ipv6.slice(0, SERVERS_MAXIMUM),
    ...(domainName !== undefined && { domainName }),
  };
}

function listOf<T>(parse: (text: string) => T | undefined): (text: string) => T[] | undefined {
  return (text) => {
    const addresses = text.split(/[\s,]+/).map(parse);
    return addresses.includes(undefined) ? undefined : (addresses as T[]);
  };
}

/** RFC 1035: labels of 63 octets at most, and a name of 255 with their lengths. */
function domain(text: string): string | undefined {
  const labels = text.replace(/\.$/, '').split('.');
  const isName = text.length <= 253 && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
  return isName ? labels.join('.') : undefined;
}

import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { IndexedEntry } from './indexed-entry.ts';
import { ProblemError } from './problem.ts';
import type { BindingQuery } from './schemas/bindings.ts';

export interface BindingFilter {
  admits(entry: IndexedEntry): boolean;
}

/** Throws `ProblemError` when an address cannot be read. */
export function bindingFilter(query: BindingQuery): BindingFilter {
  const { role, node, nai, mag, customer, q } = query;
  const mac = query.mac === undefined ? undefined : macOf(query.mac);
  const hasAddress = query.address === undefined ? undefined : addressTest(query.address);
  const peer = mag === undefined ? undefined : (Ipv6Address.parse(mag) ?? Ipv4Address.parse(mag) ?? mag).toString();
  const needle = q?.toLowerCase();
  return {
    admits: (entry) =>
      (role === undefined || entry.role === role) &&
      (node === undefined || entry.node === node) &&
      (nai === undefined || entry.nai === nai) &&
      (mac === undefined || entry.mac === mac) &&
      (customer === undefined || entry.customer === customer) &&
      (peer === undefined ||
        (entry.role === 'lma' ? [entry.peer, entry.peerAddress].includes(peer) : entry.node === peer)) &&
      (hasAddress === undefined || entry.addresses.some(hasAddress)) &&
      (needle === undefined || entry.haystack.includes(needle)),
  };
}

function macOf(text: string): string {
  const mac = MacAddress.parse(text);
  if (mac) return mac.toCiscoString();
  throw new ProblemError('bad-request', 'mac must be a link-layer address such as 00:24:d7:8e:21:a4');
}

function addressTest(text: string): (address: string) => boolean {
  const ipv4 = Ipv4Address.parse(text);
  if (ipv4) return (address) => address === `${ipv4}`;
  const ipv6 = Ipv6Address.parse(text);
  if (ipv6)
    return (address) => {
      const prefix = address.includes('/') ? Ipv6Prefix.parse(address) : undefined;
      return prefix?.contains(ipv6) ?? false;
    };
  const prefix = Ipv6Prefix.parse(text);
  if (prefix) return (address) => address === `${prefix}`;
  throw new ProblemError('bad-request', 'address must be an IPv4 or IPv6 address, or an IPv6 prefix');
}

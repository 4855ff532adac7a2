import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import type { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { Netlink } from './netlink.ts';
import {
  addConfiguredAddress,
  addresses,
  type Link,
  links,
  prefixOfAddress,
  removeAddress,
} from './netlink-requests.ts';

/** What the configuration wants a Linux interface to have. */
export interface AddressedLink {
  readonly linkName: string;
  readonly addresses: readonly (Ipv4Prefix | Ipv6Prefix)[];
}

/**
 * The addresses of interfaces that the configuration has and nobody else has given. An address that the host has already, on whichever interface, is left
 * as it is. Kernels before Linux 5.18 do not say whose an address is: there, what an earlier process made is taken for the host's.
 */
export class InterfaceAddresses {
  /** Made by this process: `INDEX ADDRESS/LENGTH`. */
  readonly #made = new Set<string>();
  /** An earlier process may have left some. */
  #isFirst = true;

  /**
   * Makes what is missing, and removes what is ours and not wanted. Links that are not there are passed over. Returns what the kernel would not have. Throws
   * `SystemCallError` or `NetlinkError` when nothing could be asked.
   */
  put(wanted: readonly AddressedLink[]): string[] {
    if (wanted.length === 0 && this.#made.size === 0 && !this.#isFirst) return [];
    this.#isFirst = false;
    const netlink = new Netlink();
    try {
      return this.#change(netlink, wanted);
    } finally {
      netlink.close();
    }
  }

  #change(netlink: Netlink, wanted: readonly AddressedLink[]): string[] {
    const present = links(netlink);
    const pairs = wanted.flatMap(({ linkName, addresses: prefixes }) => {
      const link = present.find(({ name }) => name === linkName);
      return link ? prefixes.map((prefix) => ({ link, prefix })) : [];
    });
    const keys = new Set(pairs.map(({ link, prefix }) => keyOf(link, prefix)));
    const held = addresses(netlink);
    for (const one of held) {
      const prefix = prefixOfAddress(one);
      const key = keyOf(one, prefix);
      if (keys.has(key) || !(one.configured || this.#made.has(key))) continue;
      netlink.request(removeAddress(one.index, prefix));
      this.#made.delete(key);
    }
    const isHeld = (address: IpAddress) => addresses(netlink).some((one) => sameAddress(one.address, address));
    return pairs.flatMap(({ link, prefix }) => {
      if (isHeld(prefix.address)) return [];
      try {
        netlink.request(addConfiguredAddress(link.index, prefix));
      } catch (error) {
        return [`interface ${link.name} cannot have the address ${prefix}: ${(error as Error).message}`];
      }
      this.#made.add(keyOf(link, prefix));
      return [];
    });
  }
}

function keyOf({ index }: Pick<Link, 'index'>, prefix: Ipv4Prefix | Ipv6Prefix): string {
  return `${index} ${prefix}`;
}

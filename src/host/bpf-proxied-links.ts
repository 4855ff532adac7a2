import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import type { ProxiedLink } from '#dataplane/neighbour-proxy.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { FormerNotes, FormerState } from './bpf-node-state.ts';
import { writeMapped } from './bpf-values.ts';
import type { Netlink } from './netlink.ts';
import { changeLink, InterfaceFlag, type Link, links } from './netlink-requests.ts';
import { type ProxiedLinkOfHost, proxiedLinks } from './proxied-links.ts';

/** In front of the address in a key: the index of the interface. */
const DEVICE_BITS = 32;
/** The prefix of IPv4 addresses that are mapped into IPv6. */
const MAPPED_BITS = 96;
/** What a trie lacks. */
const ONE_BY_ONE = { batch: false };

export interface ProxiedLinkParts {
  readonly netlink: Netlink;
  readonly maps: PmipMaps;
  /** Changed here. */
  readonly notes: FormerNotes;
}

/**
 * The links on which the programs answer who asks there for the link-layer address of a mobile node. Of groups they hear all: RFC 4861 §7.2.8 "Proxy Neighbor
 * Advertisements" has a proxy join those of each address. Methods throw `NetlinkError` or `SystemCallError`.
 */
export class BpfProxiedLinks {
  readonly #parts: ProxiedLinkParts;
  #links: readonly ProxiedLinkOfHost[] = [];

  constructor(parts: ProxiedLinkParts) {
    this.#parts = parts;
  }

  get names(): string[] {
    return this.#links.map(({ name }) => name).sort();
  }

  /** Pools, addresses or interfaces may be others now; `own` are interfaces of mobile nodes and tunnels. Gives the indices of the links. */
  follow(node: NodeForwarding, own: ReadonlySet<number>): number[] {
    const { netlink } = this.#parts;
    this.#links = proxiedLinks(netlink, node, own);
    const present = links(netlink);
    const withIpv6 = this.#links.filter(({ ranges }) => ranges.some((range) => range instanceof Ipv6Prefix));
    for (const { name } of withIpv6) this.#hearAll(present.find((link) => link.name === name));
    giveMulticastBack({ netlink, former: this.#parts.notes.former }, present, (name) =>
      withIpv6.some((link) => link.name === name),
    );
    this.#setRanges();
    return this.#links.map(({ index }) => index);
  }

  #setRanges(): void {
    const { key, value } = this.#map;
    const wanted = new Set<string>();
    for (const link of this.#links) {
      for (const range of link.ranges) {
        writeRange(key, link.index, range);
        wanted.add(key.toString('latin1'));
        writeProxied(value, link);
        this.#map.update();
      }
    }
    const held = Array.from(this.#map.entries(ONE_BY_ONE), ({ key: one }) => one.toString('latin1'));
    for (const one of held) {
      if (wanted.has(one)) continue;
      key.write(one, 'latin1');
      this.#map.delete();
    }
  }

  #hearAll(link: Link | undefined): void {
    if (!link || (link.flags & InterfaceFlag.ALL_MULTICAST) !== 0) return;
    const { netlink, notes } = this.#parts;
    notes.former.allMulticast = { ...notes.former.allMulticast, [link.name]: link.index };
    notes.note();
    netlink.request(changeLink(link.index, { set: InterfaceFlag.ALL_MULTICAST }));
  }

  get #map() {
    return this.#parts.maps.byName.proxied_ranges;
  }
}

/** Interfaces that did not hear all groups before hear those of their addresses again, unless they are to be kept. */
export function giveMulticastBack(
  { netlink, former }: Pick<ProxiedLinkParts, 'netlink'> & { readonly former: FormerState },
  present: readonly Link[],
  keeps: (name: string) => boolean = () => false,
): void {
  const entries = Object.entries(former.allMulticast ?? {});
  const ended = entries.filter(([name]) => !keeps(name));
  if (ended.length === 0) return;
  former.allMulticast = Object.fromEntries(entries.filter(([name]) => keeps(name)));
  const there = ended.filter(([name, index]) => present.some((link) => link.name === name && link.index === index));
  netlink.batch(there.map(([, index]) => changeLink(index, { clear: InterfaceFlag.ALL_MULTICAST })));
}

/** struct proxied_range */
function writeRange(key: Buffer, device: number, range: ProxiedLink['ranges'][number]): void {
  const before = DEVICE_BITS + (range instanceof Ipv4Prefix ? MAPPED_BITS : 0);
  key.writeUInt32LE(before + range.length, 0);
  key.writeUInt32LE(device, 4);
  writeMapped(key, 8, range.address);
}

/** struct proxied */
function writeProxied(value: Buffer, { customer, mac, linkLocal }: ProxiedLink): void {
  value.fill(0);
  value.writeUInt32LE(customer, 0);
  mac.write(value, 4);
  linkLocal?.write(value, 12);
}

import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Correspondent } from './correspondent.ts';
import type { SimLink } from './link.ts';
import type { LmaNode } from './lma-node.ts';
import { destinationOf } from './network.ts';

/** Between the anchors and the correspondent: a packet for an address of a pool goes to the anchor that has the pool. */
export class Internet {
  readonly #anchors: readonly LmaNode[];
  readonly #correspondent: () => Correspondent;
  readonly #link: SimLink;

  constructor(anchors: readonly LmaNode[], correspondent: () => Correspondent, link: SimLink) {
    this.#anchors = anchors;
    this.#correspondent = correspondent;
    this.#link = link;
  }

  carry(packet: Uint8Array): void {
    const destination = destinationOf(packet);
    const anchor = this.#anchors.find(({ config }) => isPooled(config.pools, destination));
    this.#link.carry(() => {
      if (anchor) anchor.fromInternet(packet);
      else this.#correspondent().receive(packet);
    });
  }
}

function isPooled({ ipv4, ipv6 }: LmaNode['config']['pools'], address: IpAddress): boolean {
  if (!(address instanceof Ipv4Address)) return ipv6.some(({ prefix }) => prefix.contains(address));
  return ipv4.some(({ low, high }) => low.word >>> 0 <= address.word >>> 0 && address.word >>> 0 <= high.word >>> 0);
}

import type { Netlink } from './netlink.ts';
import { isPermanentNeighbour, keepNeighbour, type NextHop, removeNeighbour } from './netlink-requests.ts';

/**
 * The neighbours on the transport that tunnel packets go to: their link-layer addresses are found when a path is set up, and, where the kernel can (Linux
 * 5.16), known from then on. A tunnel packet that had to wait for one would be lost: it still has the route to the pmip device with it, by which
 * the kernel looks for its neighbour once more, and so it would leave with the link-layer address of that device.
 */
export class NextHopNeighbours {
  readonly #netlink: Netlink;
  /** By device and address: how many paths go there. */
  readonly #paths = new Map<string, number>();

  constructor(netlink: Netlink) {
    this.#netlink = netlink;
  }

  /** A path goes there. What the kernel refuses is left to the packets to find. */
  hold(hop: NextHop): void {
    const count = this.#paths.get(keyOf(hop)) ?? 0;
    this.#paths.set(keyOf(hop), count + 1);
    if (count === 0) this.#keep(hop);
  }

  /** The kernel may have forgotten them, as it does of a link that is down. */
  renew(hops: Iterable<NextHop>): void {
    const each = new Map(Array.from(hops, (hop) => [keyOf(hop), hop]));
    for (const hop of each.values()) this.#keep(hop);
  }

  /** It goes there no longer. */
  release(hop: NextHop): void {
    const left = (this.#paths.get(keyOf(hop)) ?? 0) - 1;
    if (left > 0) {
      this.#paths.set(keyOf(hop), left);
      return;
    }
    this.#paths.delete(keyOf(hop));
    if (!hop.hasNeighbours || isPermanentNeighbour(this.#netlink, hop.device, hop.address)) return;
    this.#netlink.batch([removeNeighbour(hop.device, hop.address)]);
  }

  #keep(hop: NextHop): void {
    if (!hop.hasNeighbours || isPermanentNeighbour(this.#netlink, hop.device, hop.address)) return;
    this.#netlink.batch([keepNeighbour(hop.device, hop.address)]);
  }
}

function keyOf({ device, address }: NextHop): string {
  return `${device} ${address.key}`;
}

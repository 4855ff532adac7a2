import { Ipv4Address } from '#base/ipv4-address.ts';
import type { EntryWords } from '#dataplane/anchor-entries.ts';
import type { Path } from '#dataplane/desired.ts';
import type { MemoryTables } from '#dataplane/memory-tables.ts';
import type { Part, PathPart } from '#dataplane/part.ts';
import type { TableChange } from '#dataplane/plan.ts';
import type { Execution, Tables } from '#dataplane/tables.ts';
import type { TranslatedPort } from '#dataplane/translated-port.ts';
import { partsOnLinks } from '../bpf-parts.ts';
import type { Netlink, NetlinkRequest } from '../netlink.ts';
import {
  addAddress,
  addNeighbour,
  addRoute,
  hostPrefix,
  type Link,
  links,
  type NextHop,
  nextHopTowards,
  ourObjects,
  removeAddress,
  removeNeighbour,
  removeRoute,
} from '../netlink-requests.ts';
import { EADDRNOTAVAIL, ENODEV, ENOENT } from '../posix.ts';
import type { UserNodeDevices } from './node-setup.ts';

const ESRCH = 3;
/** What is to be removed is not there, or its interface is not. */
const ABSENT = [ENOENT, ENODEV, ESRCH, EADDRNOTAVAIL];

export interface UserTableParts {
  readonly memory: MemoryTables;
  readonly netlink: Netlink;
  /** Of the routing table that leads to a peer. */
  readonly markTowards: (path: Path) => number;
  /** Is told of a path that is used from now on, or leaves through another link. */
  readonly onPath: (path: Path) => void;
}

/**
 * All that the process looks packets up in is in its memory; by rtnetlink the kernel has addresses, neighbours and routes of the access links, for what it
 * sends to mobile nodes itself.
 */
export class UserTables implements Tables {
  readonly #parts: UserTableParts;
  #devices: UserNodeDevices;
  /** What was on the access links when all parts were last listed, and changes of this program since then. */
  readonly #onLinks = new Map<string, Part>();
  /** By index of the path. */
  readonly #hops = new Map<number, NextHop | undefined>();
  readonly #mtus = new Map<string, number>();
  /** Of access links, by IOS name. */
  #accessMtus: ReadonlyMap<string, number> = new Map();

  constructor(parts: UserTableParts, devices: UserNodeDevices) {
    this.#parts = parts;
    this.#devices = devices;
    this.followLinks(links(parts.netlink));
  }

  /** The interfaces may be others now. */
  set devices(devices: UserNodeDevices) {
    this.#devices = devices;
    this.followLinks(links(this.#parts.netlink));
  }

  /** Their packets may be longer or shorter now. */
  followLinks(present: readonly Link[]): void {
    const mtus = new Map(present.map(({ index, mtu }) => [index, mtu]));
    this.#accessMtus = new Map(Array.from(this.#devices.access, ([name, index]) => [name, mtus.get(index) ?? 0]));
  }

  get counterSlots(): number {
    return this.#parts.memory.counterSlots;
  }

  resetCounters(index: number): void {
    this.#parts.memory.resetCounters(index);
  }

  translatedPort(path: number): TranslatedPort | undefined {
    return this.#parts.memory.translatedPort(path);
  }

  *parts(): Iterable<Part> {
    this.#onLinks.clear();
    for (const part of partsOnLinks(ourObjects(this.#parts.netlink), this.#devices)) this.#onLinks.set(part.key, part);
    for (const part of this.#parts.memory.parts()) if (!isOnLink(part)) yield part;
    yield* this.#onLinks.values();
  }

  anchorEntries(): Iterable<Readonly<EntryWords>> {
    return this.#parts.memory.anchorEntries();
  }

  find(part: Part): Part | undefined {
    return isOnLink(part) ? this.#onLinks.get(part.key) : this.#parts.memory.find(part);
  }

  execute(changes: readonly TableChange[]): Execution {
    const done: TableChange[] = [];
    for (let at = 0; at < changes.length; ) {
      let end = at;
      while (end < changes.length && isOnLink(partOf(changes[end] as TableChange))) end++;
      const failure = end > at ? this.#request(changes.slice(at, end), done) : undefined;
      if (failure !== undefined) return { done, failure };
      if (end === at) this.#change(changes[end++] as TableChange, done);
      at = end;
    }
    return { done };
  }

  addAnchor(entry: Readonly<EntryWords>, path: PathPart): boolean {
    return this.#parts.memory.addAnchor(entry, path);
  }

  /** Of the link that tunnel packets of a path leave through, in octets. */
  linkMtu(path: Path): number {
    return this.#mtus.get(path.remote.key) ?? Number.POSITIVE_INFINITY;
  }

  /** Of an access link, by the IOS name of its interface, in octets; 0 when it is gone. */
  accessMtu(interfaceName: string): number {
    return this.#accessMtus.get(interfaceName) ?? 0;
  }

  /** Looks up again where each of these paths leaves the node. */
  resolve(paths: Iterable<PathPart>): void {
    for (const part of paths) this.#usePath(part);
  }

  #change(change: TableChange, done: TableChange[]): void {
    const { before, after } = change;
    this.#parts.memory.execute([change]);
    if (after?.kind === 'path') this.#usePath(after);
    else if (!after && before?.kind === 'path') this.#hops.delete(before.index);
    done.push(change);
  }

  #request(changes: readonly TableChange[], done: TableChange[]): string | undefined {
    const failures = this.#parts.netlink
      .batch(changes.map((change) => this.#requestFor(change)))
      .filter(({ index, errno }) => changes[index]?.after || !ABSENT.includes(errno));
    for (const [i, change] of changes.entries()) {
      if (failures.some(({ index }) => index === i)) continue;
      done.push(change);
      this.#parts.memory.execute([change]);
      if (change.after) this.#onLinks.set(change.after.key, change.after);
      else if (change.before) this.#onLinks.delete(change.before.key);
    }
    return failures[0]?.text;
  }

  #requestFor(change: TableChange): NetlinkRequest {
    const part = partOf(change);
    const adds = change.after !== undefined;
    switch (part.kind) {
      case 'router-address':
        return (adds ? addAddress : removeAddress)(this.#device(part.interface), hostPrefix(part.address));
      case 'neighbour': {
        const device = this.#device(part.interface);
        return adds ? addNeighbour(device, part.address, part.mac) : removeNeighbour(device, part.address);
      }
      case 'route': {
        const { target, via } = part;
        const destination = target instanceof Ipv4Address ? hostPrefix(target) : target;
        const table = this.#devices.tables.get(part.customer) as number;
        return (adds ? addRoute : removeRoute)({ destination, device: this.#device(part.interface), via, table });
      }
      default:
        throw new RangeError(`${part.kind} is not for rtnetlink`);
    }
  }

  #usePath({ index, path }: PathPart): void {
    const { netlink, markTowards, onPath } = this.#parts;
    const hop = nextHopTowards(netlink, path.local, path.remote, markTowards(path));
    const before = this.#hops.get(index);
    this.#hops.set(index, hop);
    if (hop) this.#mtus.set(path.remote.key, hop.mtu);
    else this.#mtus.delete(path.remote.key);
    if (hop && hop.mtu !== before?.mtu) onPath(path);
  }

  #device(name: string): number {
    return this.#devices.access.get(name) as number;
  }
}

function partOf({ before, after }: TableChange): Part {
  return (after ?? before) as Part;
}

function isOnLink(part: Part): boolean {
  return part.kind === 'router-address' || part.kind === 'neighbour' || part.kind === 'route';
}

import type { IpAddress } from '#base/ip-address.ts';
import type { Path } from './desired.ts';
import { IndexAllocator } from './index-allocator.ts';
import { type PathPart, pathKey } from './part.ts';
import { TunnelCustomers } from './tunnel-customers.ts';
import { sameTunnel } from './tunnel-form.ts';

/** Tunnels at most. */
export const MAXIMUM_PATHS = 16384;

/** The tunnels that bindings use, each with an index. */
export class TunnelPaths {
  readonly #byRemote = new Map<string, PathPart[]>();
  readonly #byIndex = new Map<number, PathPart>();
  readonly #indices = new IndexAllocator(MAXIMUM_PATHS);
  readonly customers = new TunnelCustomers();

  at(index: number): PathPart | undefined {
    return this.#byIndex.get(index);
  }

  values(): Iterable<PathPart> {
    return this.#byIndex.values();
  }

  find(customer: number, path: Path): PathPart | undefined {
    const known = this.#byRemote.get(path.remote.key);
    if (!known) return undefined;
    for (const part of known) if (part.customer === customer && sameTunnel(part.path, path)) return part;
    return undefined;
  }

  /** Whether one of them leads there. */
  leadTo(remote: IpAddress): boolean {
    return this.#byRemote.has(remote.key);
  }

  /** One that is not there yet; `undefined` when there are too many. */
  add(customer: number, path: Path): PathPart | undefined {
    const index = this.#indices.take();
    if (index === undefined) return undefined;
    const part: PathPart = { kind: 'path', key: pathKey(customer, path), index, path, customer };
    this.#keep(part);
    return part;
  }

  /** One that has an index already. */
  adopt(part: PathPart): void {
    this.#indices.reserve(part.index);
    this.#keep(part);
  }

  remove(part: PathPart): void {
    const { key } = part.path.remote;
    const others = this.#byRemote.get(key)?.filter(({ index }) => index !== part.index) ?? [];
    if (others.length > 0) this.#byRemote.set(key, others);
    else this.#byRemote.delete(key);
    this.#byIndex.delete(part.index);
    this.customers.remove(part);
    this.#indices.release(part.index);
  }

  #keep(part: PathPart): void {
    const { key } = part.path.remote;
    this.#byRemote.set(key, [...(this.#byRemote.get(key) ?? []), part]);
    this.#byIndex.set(part.index, part);
    this.customers.add(part);
  }
}

import { sameAddress } from '#base/ip-address.ts';
import type { Path } from '#dataplane/desired.ts';
import { sameEncapsulation } from '../tunnel-path.ts';
import { type Binding, type CareOfAddress, pathOf } from './binding.ts';

type CareOfAddresses = Binding['careOfAddresses'];

/** The latest of each Proxy Care-of Address; when there are more, those before are forgotten. */
const KEPT_MAXIMUM = 4096;

/**
 * The Proxy Care-of Addresses of bindings. Those of one MAG whose tunnels are alike, as nearly all are, share one value, so that a million bindings do not have a
 * million copies of it.
 */
export class CareOfAddressPool {
  readonly #latest = new Map<string, CareOfAddresses>();

  /** `before`: what the session has, which stays the very same value when nothing of it changes. */
  share(careOf: CareOfAddress, before: CareOfAddresses | undefined): CareOfAddresses {
    if (before && isSame(before[0], careOf)) return before;
    const { key } = careOf.address;
    const known = this.#latest.get(key);
    if (known && isSame(known[0], careOf)) return known;
    if (this.#latest.size >= KEPT_MAXIMUM) this.#latest.clear();
    const fresh: CareOfAddresses = [careOf];
    this.#latest.set(key, fresh);
    return fresh;
  }
}

const pathsOfShared = new WeakMap<CareOfAddresses, readonly [Path, ...Path[]]>();

/** Their tunnels; one value for one value. */
export function pathsOf(careOfAddresses: CareOfAddresses): readonly [Path, ...Path[]] {
  const known = pathsOfShared.get(careOfAddresses);
  if (known) return known;
  const [first, ...more] = careOfAddresses;
  const paths: readonly [Path, ...Path[]] = [pathOf(first), ...more.map(pathOf)];
  pathsOfShared.set(careOfAddresses, paths);
  return paths;
}

function isSame(a: CareOfAddress, b: CareOfAddress): boolean {
  return (
    a === b ||
    (a.port === b.port &&
      sameAddress(a.address, b.address) &&
      sameAddress(a.local, b.local) &&
      sameEncapsulation(a.encapsulation, b.encapsulation))
  );
}

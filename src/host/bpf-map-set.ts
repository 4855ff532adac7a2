import { readFileSync } from 'node:fs';
import { BpfMap, type MapSpec, MapType, mapLayout } from './bpf.ts';
import type { Pins } from './bpf-pins.ts';
import type { KernelFeatures } from './kernel-features.ts';
import { close } from './posix.ts';

/** Of maps whose entries are elsewhere in a larger one. `maps` are those that `from` is one of; a copy may complete in them what an earlier process left undone. */
export type Copies<Name extends string> = Readonly<
  Partial<Record<Name, (from: BpfMap, to: BpfMap, maps: Readonly<Record<Name, BpfMap>>) => void>>
>;

const PIN_PREFIX = 'map-';

export type MapSpecs<Name extends string> = Readonly<Record<Name, Omit<MapSpec, 'name'>>>;

/**
 * The maps of a set of programs. Those that an earlier process pinned are taken over when all are there and laid out as they shall be; one that
 * is too small gives its entries to a larger one.
 */
export class MapSet<Name extends string> {
  readonly byName: Record<Name, BpfMap>;
  /** Whether an earlier process filled them. */
  readonly adopted: boolean;
  readonly #features: KernelFeatures;
  readonly #possibleCpus: number;
  readonly #copies: Copies<Name>;

  /** Without `pins` they are new. Throws `SystemCallError`. */
  constructor(
    specs: MapSpecs<Name>,
    pins: Pins | undefined,
    features: KernelFeatures,
    possibleCpus: number,
    copies: Copies<NoInfer<Name>>,
  ) {
    this.#features = features;
    this.#possibleCpus = possibleCpus;
    this.#copies = copies;
    const pinned = pins && openPinned(specs, pins, possibleCpus);
    this.adopted = pinned !== undefined;
    this.byName = pinned ?? createAll(specs, possibleCpus);
    if (!pinned) return;
    try {
      this.grow(specs, () => {});
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Replaces the maps that are smaller than they shall be; gives what `use` makes of all that there are then, if there were any. Programs use the others until they
   * are loaded anew, and what they count in between is lost. Throws `SystemCallError`, or what `use` does, and then nothing has changed.
   */
  grow<T>(specs: MapSpecs<Name>, use: (maps: Readonly<Record<Name, BpfMap>>) => T): T | undefined {
    const small = namesOf(specs).filter((name) => this.byName[name].spec.maximumEntries < specs[name].maximumEntries);
    if (small.length === 0) return undefined;
    const larger = createAll(pick(specs, small), this.#possibleCpus);
    let used: T;
    try {
      for (const name of small) this.#copies[name]?.(this.byName[name], larger[name], this.byName);
      for (const name of small) {
        if (this.#copies[name] === undefined && specs[name].type !== MapType.PERCPU_ARRAY)
          larger[name].copyFrom(this.byName[name], this.#features);
      }
      used = use({ ...this.byName, ...larger });
    } catch (error) {
      for (const name of small) larger[name].close();
      throw error;
    }
    for (const name of small) {
      this.byName[name].close();
      this.byName[name] = larger[name];
    }
    return used;
  }

  /** Lets them outlive this process, and no others. Throws `SystemCallError`. */
  pin(pins: Pins): void {
    for (const name of namesOf(this.byName)) pins.put(pinName(name), this.byName[name].fd);
    const own = new Set(namesOf(this.byName).map(pinName));
    for (const name of pins.names()) if (name.startsWith(PIN_PREFIX) && !own.has(name)) pins.remove(name);
  }

  close(): void {
    for (const map of Object.values<BpfMap>(this.byName)) map.close();
  }
}

/** `undefined` when one is missing, or laid out otherwise. */
function openPinned<Name extends string>(
  specs: MapSpecs<Name>,
  pins: Pins,
  possibleCpus: number,
): Record<Name, BpfMap> | undefined {
  const opened: Partial<Record<Name, BpfMap>> = {};
  for (const name of namesOf(specs)) {
    const map = openMap(name, specs[name], pins, possibleCpus);
    if (map) opened[name] = map;
    else {
      for (const other of Object.values<BpfMap>(opened as Record<Name, BpfMap>)) other.close();
      return undefined;
    }
  }
  return opened as Record<Name, BpfMap>;
}

function openMap(name: string, spec: Omit<MapSpec, 'name'>, pins: Pins, possibleCpus: number): BpfMap | undefined {
  const fd = pins.get(pinName(name));
  if (fd === undefined) return undefined;
  const found = mapLayout(fd);
  const same =
    found.type === spec.type &&
    found.keySize === spec.keySize &&
    found.valueSize === spec.valueSize &&
    found.flags === (spec.flags ?? 0);
  if (same) return new BpfMap({ name, ...found }, possibleCpus, fd);
  close(fd);
  return undefined;
}

function createAll<Name extends string>(specs: MapSpecs<Name>, possibleCpus: number): Record<Name, BpfMap> {
  const made: Partial<Record<Name, BpfMap>> = {};
  try {
    for (const name of namesOf(specs)) made[name] = new BpfMap({ name, ...specs[name] }, possibleCpus);
  } catch (error) {
    for (const map of Object.values<BpfMap>(made as Record<Name, BpfMap>)) map.close();
    throw error;
  }
  return made as Record<Name, BpfMap>;
}

function pick<Name extends string>(specs: MapSpecs<Name>, names: readonly Name[]): MapSpecs<Name> {
  return Object.fromEntries(names.map((name) => [name, specs[name]])) as MapSpecs<Name>;
}

function namesOf<Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(record) as Name[];
}

function pinName(map: string): string {
  return `${PIN_PREFIX}${map}`;
}

/** The kernel writes a value for each CPU that could be there, as in `0-3`. */
export function possibleCpus(): number {
  const ranges = readFileSync('/sys/devices/system/cpu/possible', 'utf8').trim().split(',');
  return Math.max(...ranges.map((range) => Number(range.split('-').at(-1)))) + 1;
}

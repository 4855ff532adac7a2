import { BpfMap, type MapSpec, MapType, mapLayout } from './bpf.ts';
import type { Pins } from './bpf-pins.ts';
import type { KernelFeatures } from './kernel-features.ts';
import { networkNamespaceCookie } from './netns.ts';
import { close } from './posix.ts';

/**
 * Of the maps together. One more whenever what `bpf/maps.h` says changes its meaning, or the programs what they expect in them: the next process then
 * makes its own, and programs that an older one left run until those are filled.
 */
export const MAP_LAYOUT = 15;

/** What was before there was a data plane, and comes back when there is none any more. */
export interface FormerState {
  /** Values below /proc/sys/net by their path there. */
  readonly settings: Record<string, string>;
  /** By the name of the interface. */
  readonly links: Record<string, FormerLink>;
  /** Interface indices, by name, of those that did not hear all groups of their links. */
  allMulticast?: Record<string, number>;
  /** Interface indices of those that did not hear frames for others. */
  promiscuous?: readonly number[];
  /** Interface indices, by name, of parents of VLANs that were down. */
  raised?: Readonly<Record<string, number>>;
}

/** Where it is noted. */
export interface FormerNotes {
  readonly former: FormerState;
  /** Keeps it for the next process: to be called when `former` says what was, and before that changes, as the process may be killed at any time. */
  note(): void;
}

export interface FormerLink {
  readonly index: number;
  mac?: string;
  wasDown?: true;
  /** With the length of the prefix. */
  addresses?: string[];
}

const PIN = 'node-state';
const NO_COOKIE = 0n;
const NO_LAYOUT = 0;
const LAYOUT_AT = 0;
const LENGTH_AT = 4;
const COOKIE_AT = 8;
const TEXT_AT = 16;
const SIZE = 1 << 18;
const SPEC: MapSpec = { name: 'node_state', type: MapType.ARRAY, keySize: 4, valueSize: SIZE, maximumEntries: 1 };

/** What one data plane must know of another of the same node that comes after it; kept in a pinned map beside the programs' maps. */
export class NodeState implements FormerNotes {
  readonly former: FormerState;
  /** Whether an earlier process left maps that this program understands. */
  readonly understood: boolean;
  readonly #map: BpfMap;
  readonly #pins: Pins | undefined;

  /** `runsHere`: whether a program that an earlier process left runs in this network namespace. Throws `SystemCallError`. */
  constructor(pins: Pins | undefined, { netnsCookie }: KernelFeatures, runsHere: () => boolean) {
    const map = pins && openState(pins);
    const cookie = netnsCookie ? networkNamespaceCookie() : NO_COOKIE;
    const same = map?.lookup() === true && isOfHere(map.value.readBigUInt64LE(COOKIE_AT), cookie, runsHere);
    if (map && !same) {
      map.close();
      // What another namespace of this number left, which is gone with all its interfaces.
      pins?.removeAll();
    }
    this.understood = same && map.value.readUInt32LE(LAYOUT_AT) === MAP_LAYOUT;
    this.former = same ? readFormer(map.value) : { settings: {}, links: {} };
    this.#map = same ? map : new BpfMap(SPEC);
    this.#pins = pins;
    this.#map.key.writeUInt32LE(0);
    this.#map.value.writeBigUInt64LE(cookie, COOKIE_AT);
  }

  /** Throws `SystemCallError`. */
  note(): void {
    const { value } = this.#map;
    value.writeUInt32LE(value.write(JSON.stringify(this.former), TEXT_AT), LENGTH_AT);
    this.#map.update();
    this.#pins?.put(PIN, this.#map.fd);
  }

  /**
   * To be called when `former` has changed, and when the maps are those of this program. Until its programs are in charge the maps are not for the next process to
   * take over: it begins anew, as this one did, while those of an older one run on. Throws `SystemCallError`.
   */
  save(inCharge: boolean): void {
    this.#map.value.writeUInt32LE(inCharge ? MAP_LAYOUT : NO_LAYOUT, LAYOUT_AT);
    this.note();
  }

  close(): void {
    this.#map.close();
  }
}

/** Where namespaces have nothing to be told by, what is pinned is believed as long as its programs run. */
function isOfHere(stored: bigint, cookie: bigint, runsHere: () => boolean): boolean {
  return stored !== NO_COOKIE && cookie !== NO_COOKIE ? stored === cookie : runsHere();
}

function openState(pins: Pins): BpfMap | undefined {
  const fd = pins.get(PIN);
  if (fd === undefined) return undefined;
  if (mapLayout(fd).valueSize === SIZE) return new BpfMap(SPEC, 1, fd);
  close(fd);
  return undefined;
}

/** A text that was cut off for its length is as good as none. */
function readFormer(value: Buffer): FormerState {
  try {
    return JSON.parse(value.toString('utf8', TEXT_AT, TEXT_AT + value.readUInt32LE(LENGTH_AT))) as FormerState;
  } catch {
    return { settings: {}, links: {} };
  }
}

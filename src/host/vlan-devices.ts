import type { AccessInterface, Vlan } from '#dataplane/desired.ts';
import type { FormerNotes } from './bpf-node-state.ts';
import type { Netlink } from './netlink.ts';
import { changeLink, InterfaceFlag, type Link } from './netlink-requests.ts';
import { close } from './posix.ts';
import { isOfOtherKind, keepTap, setTapCarrier } from './tap.ts';

/** How their names end. */
const OF_VLAN = /\.\d+$/;

/** A VLAN of a parent interface, and the device that stands for it, by their interface indices. */
export interface JoinedVlan {
  readonly device: number;
  readonly parent: number;
  readonly id: number;
}

/** Carries the frames of VLANs between their devices and parents. Methods throw `NetlinkError` or `SystemCallError`. */
export interface VlanCarrier {
  /** `tap`: a descriptor of the device; `flags`: those of the parent. May be called again for what is joined. */
  join(vlan: JoinedVlan, tap: number, flags: number): void;
  part(vlan: JoinedVlan): void;
  /** No VLAN of this parent is wanted any more. */
  release(parent: number): void;
}

interface Device {
  readonly vlan: Vlan;
  readonly tap: number;
  joined: JoinedVlan | undefined;
}

export interface VlanParts {
  readonly netlink: Netlink;
  /** Changed here. */
  readonly notes: FormerNotes;
  readonly carrier: VlanCarrier;
  /** Opens a TAP device of this name. Throws `DataPlaneError`. */
  readonly open: (name: string) => number;
}

/**
 * The devices that stand for VLANs: a TAP each, whose frames are taken from a parent interface and put onto it with the tag. It is up and down with
 * its parent, and outlives this process. Where there is an interface of that name already, such as the kernel's own VLAN device, that one
 * is used as it is.
 */
export class VlanDevices {
  readonly #parts: VlanParts;
  /** By Linux name. */
  readonly #devices = new Map<string, Device>();
  /** Linux names of access interfaces without a VLAN, which a parent may be too. */
  #untagged: ReadonlySet<string> = new Set();

  constructor(parts: VlanParts) {
    this.#parts = parts;
  }

  /** Makes those that are wanted and not there. Throws `DataPlaneError`. */
  make(wanted: readonly AccessInterface[]): void {
    this.#untagged = new Set(wanted.filter(({ vlan }) => !vlan).map(({ linkName }) => linkName));
    for (const { linkName, vlan } of wanted) {
      if (!vlan || this.#devices.has(linkName)) continue;
      const tap = this.#open(linkName);
      if (tap !== undefined) this.#devices.set(linkName, { vlan, tap, joined: undefined });
    }
  }

  /** Brings them together with their parents, which may be others than before. Throws `NetlinkError` or `SystemCallError`. */
  join(present: readonly Link[]): void {
    for (const [name, device] of this.#devices) {
      const own = present.find((link) => link.name === name)?.index;
      const parent = present.find((link) => link.name === device.vlan.parent);
      this.#join(device, own, parent);
      setTapCarrier(device.tap, parent !== undefined && (parent.flags & InterfaceFlag.LOWER_UP) !== 0);
    }
  }

  /** Removes those that are wanted no longer. */
  keep(wanted: readonly AccessInterface[]): void {
    for (const [name, device] of this.#devices) {
      if (wanted.some(({ linkName, vlan }) => linkName === name && vlan)) continue;
      this.#devices.delete(name);
      this.#part(device);
      removeTap(device.tap);
    }
  }

  /** What a run that was killed made, of these interfaces, and this one does not want. */
  removeLeftOver(devices: readonly Link[], parents: readonly Link[]): void {
    for (const { name } of devices) {
      const tap = this.#devices.has(name) || !OF_VLAN.test(name) ? undefined : this.#open(name);
      if (tap !== undefined) removeTap(tap);
    }
    const used = new Set(Array.from(this.#devices.values(), ({ joined }) => joined?.parent));
    for (const { index } of parents) if (!used.has(index)) this.#parts.carrier.release(index);
    for (const index of Object.values(this.#parts.notes.former.raised ?? {})) if (!used.has(index)) this.#lower(index);
  }

  /** Lets go of them; they remain. */
  close(): void {
    for (const { tap } of this.#devices.values()) close(tap);
    this.#devices.clear();
  }

  #join(device: Device, own: number | undefined, parent: Link | undefined): void {
    const { joined, vlan, tap } = device;
    if (joined && (joined.device !== own || joined.parent !== parent?.index)) this.#part(device);
    if (own === undefined || !parent) return;
    device.joined = { device: own, parent: parent.index, id: vlan.id };
    if ((parent.flags & InterfaceFlag.UP) === 0) this.#raise(parent);
    this.#parts.carrier.join(device.joined, tap, parent.flags);
  }

  /** What an access interface was is noted by who takes it. */
  #raise({ index, name }: Link): void {
    const { netlink, notes } = this.#parts;
    if (!this.#untagged.has(name)) {
      notes.former.raised = { ...notes.former.raised, [name]: index };
      notes.note();
    }
    netlink.request(changeLink(index, { set: InterfaceFlag.UP }));
  }

  /** A parent without VLANs is down again, where it was so before. */
  #lower(parent: number): void {
    const { netlink, notes } = this.#parts;
    const raised = Object.entries(notes.former.raised ?? {});
    const [name] = raised.find(([, index]) => index === parent) ?? [];
    if (name === undefined) return;
    notes.former.raised = Object.fromEntries(raised.filter(([other]) => other !== name));
    if (this.#untagged.has(name)) {
      // An access interface by now: it is down again when it is none any more.
      const known = notes.former.links[name] ?? { index: parent };
      notes.former.links[name] = { ...known, wasDown: true };
    } else netlink.batch([changeLink(parent, { clear: InterfaceFlag.UP })]);
  }

  #part(device: Device): void {
    const { joined } = device;
    if (!joined) return;
    device.joined = undefined;
    const { carrier } = this.#parts;
    carrier.part(joined);
    const others = [...this.#devices.values()];
    if (others.some((other) => other.joined?.parent === joined.parent)) return;
    carrier.release(joined.parent);
    this.#lower(joined.parent);
  }

  /** `undefined` where the name is that of an interface of another kind. Throws `DataPlaneError`. */
  #open(name: string): number | undefined {
    try {
      return this.#parts.open(name);
    } catch (error) {
      if (isOfOtherKind(error)) return undefined;
      throw error;
    }
  }
}

function removeTap(tap: number): void {
  keepTap(tap, false);
  close(tap);
}

import type { AccessInterface, Vlan } from '#dataplane/desired.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { PmipPrograms } from './bpf-programs.ts';
import type { Hook } from './clsact.ts';
import type { Netlink } from './netlink.ts';
import { changeLink, InterfaceFlag, type Link } from './netlink-requests.ts';
import { close } from './posix.ts';
import { isOfOtherKind, keepTap, openTap, setTapCarrier } from './tap.ts';

/** How their names end. */
const OF_VLAN = /\.\d+$/;

interface Device {
  readonly vlan: Vlan;
  readonly tap: number;
  /** Interface index of the device and of its parent, as far as they are joined. */
  joined: { readonly device: number; readonly parent: number } | undefined;
}

export interface VlanParts {
  readonly netlink: Netlink;
  readonly maps: PmipMaps;
  /** Has a program run at an interface. */
  readonly attach: (index: number, hook: Hook, name: keyof PmipPrograms) => void;
}

/**
 * The devices that stand for VLANs: a TAP each, whose frames the programs take from a parent interface and put onto it. It is up and down with
 * its parent, and outlives this process. Where there is an interface of that name already, such as the kernel's own VLAN device, that one
 * is used as it is.
 */
export class VlanDevices {
  readonly #parts: VlanParts;
  /** By Linux name. */
  readonly #devices = new Map<string, Device>();

  constructor(parts: VlanParts) {
    this.#parts = parts;
  }

  /** Makes those that are wanted and not there. Throws `DataPlaneError`. */
  make(wanted: readonly AccessInterface[]): void {
    for (const { linkName, vlan } of wanted) {
      if (!vlan || this.#devices.has(linkName)) continue;
      const tap = openDevice(linkName);
      if (tap !== undefined) this.#devices.set(linkName, { vlan, tap, joined: undefined });
    }
  }

  /** Brings them together with their parents, which may be others than before. Throws `NetlinkError` or `SystemCallError`. */
  join(present: readonly Link[]): void {
    for (const [name, device] of this.#devices) {
      const own = present.find((link) => link.name === name)?.index;
      const parent = present.find((link) => link.name === device.vlan.parent);
      if (own !== undefined && parent) this.#join(device, own, parent);
      else device.joined = undefined;
      setTapCarrier(device.tap, parent !== undefined && (parent.flags & InterfaceFlag.LOWER_UP) !== 0);
    }
  }

  /** Removes those that are wanted no longer. */
  keep(wanted: readonly AccessInterface[]): void {
    for (const [name, device] of this.#devices) {
      if (wanted.some(({ linkName, vlan }) => linkName === name && vlan)) continue;
      this.#devices.delete(name);
      const { joined } = device;
      const others = [...this.#devices.values()];
      if (joined) this.#parts.maps.clearVlan(joined.device, { parent: joined.parent, id: device.vlan.id });
      if (joined && !others.some((other) => other.joined?.parent === joined.parent)) this.#release(joined.parent);
      removeTap(device.tap);
    }
  }

  /** What a run that was killed made, of these interfaces, and this one does not want. */
  removeLeftOver(devices: readonly Link[], parents: readonly Link[]): void {
    for (const { name } of devices) {
      const tap = this.#devices.has(name) || !OF_VLAN.test(name) ? undefined : openDevice(name);
      if (tap !== undefined) removeTap(tap);
    }
    const used = new Set(Array.from(this.#devices.values(), ({ joined }) => joined?.parent));
    for (const { index } of parents) if (!used.has(index)) this.#release(index);
  }

  /** Lets go of them; they remain. */
  close(): void {
    for (const { tap } of this.#devices.values()) close(tap);
    this.#devices.clear();
  }

  /** The parent hears frames for the devices' link-layer addresses, and of all VLANs, only when it is promiscuous. */
  #join(device: Device, own: number, parent: Link): void {
    const { netlink, maps, attach } = this.#parts;
    device.joined = { device: own, parent: parent.index };
    maps.setVlan(own, { parent: parent.index, id: device.vlan.id });
    attach(own, 'egress', 'vlanOut');
    attach(parent.index, 'vlan', 'vlanIn');
    const set = InterfaceFlag.UP | InterfaceFlag.PROMISCUOUS;
    if ((parent.flags & set) !== set) netlink.request(changeLink(parent.index, { set }));
  }

  #release(parent: number): void {
    this.#parts.netlink.batch([changeLink(parent, { clear: InterfaceFlag.PROMISCUOUS })]);
  }
}

/** `undefined` where the name is that of an interface of another kind. Throws `DataPlaneError`. */
function openDevice(name: string): number | undefined {
  try {
    return openTap(name);
  } catch (error) {
    if (isOfOtherKind(error)) return undefined;
    throw error;
  }
}

function removeTap(tap: number): void {
  keepTap(tap, false);
  close(tap);
}

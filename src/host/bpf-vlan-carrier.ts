import type { PmipMaps } from './bpf-maps.ts';
import type { FormerNotes } from './bpf-node-state.ts';
import type { PmipPrograms } from './bpf-programs.ts';
import type { Hook } from './clsact.ts';
import type { Netlink } from './netlink.ts';
import { changeLink, InterfaceFlag } from './netlink-requests.ts';
import type { JoinedVlan, VlanCarrier } from './vlan-devices.ts';

export interface BpfVlanParts {
  readonly netlink: Netlink;
  readonly maps: PmipMaps;
  /** Changed here. */
  readonly notes: FormerNotes;
  /** Has a program run at an interface. */
  readonly attach: (index: number, hook: Hook, name: keyof PmipPrograms) => void;
}

/** The programs carry the frames. A parent hears those for the devices' link-layer addresses, and of all VLANs, only when it is promiscuous. */
export class BpfVlanCarrier implements VlanCarrier {
  readonly #parts: BpfVlanParts;

  constructor(parts: BpfVlanParts) {
    this.#parts = parts;
  }

  join({ device, parent, id }: JoinedVlan, _tap: number, flags: number): void {
    const { netlink, maps, notes, attach } = this.#parts;
    maps.setVlan(device, { parent, id });
    attach(device, 'egress', 'vlanOut');
    attach(parent, 'vlan', 'vlanIn');
    const set = InterfaceFlag.PROMISCUOUS;
    if ((flags & set) !== 0) return;
    notes.former.promiscuous = [...new Set([...(notes.former.promiscuous ?? []), parent])];
    notes.note();
    netlink.request(changeLink(parent, { set }));
  }

  part({ device, parent, id }: JoinedVlan): void {
    this.#parts.maps.clearVlan(device, { parent, id });
  }

  /** One that was promiscuous before stays so. */
  release(parent: number): void {
    const { netlink, notes } = this.#parts;
    const { promiscuous = [] } = notes.former;
    if (!promiscuous.includes(parent)) return;
    notes.former.promiscuous = promiscuous.filter((index) => index !== parent);
    netlink.batch([changeLink(parent, { clear: InterfaceFlag.PROMISCUOUS })]);
  }
}

import type { Configuration } from '#config/index.ts';
import type { Vlan } from '#dataplane/desired.ts';

/** Of the names of Linux interfaces. */
const LONGEST_NAME = 15;

/** The Linux interface behind one of the configuration. */
export interface LinuxInterface {
  readonly linkName: string;
  /** With `encapsulation dot1Q`. */
  readonly vlan?: Vlan;
}

/**
 * The Linux interface of a name of the configuration. That of a VLAN is called PARENT.VLAN, as is usual, whether `linux-interface` names
 * the parent or the VLAN's own interface.
 */
export function linuxInterfaceOf(name: string, { interfaces }: Configuration): LinuxInterface {
  const found = interfaces.find((one) => one.name === name);
  const linuxName = found?.linuxInterface ?? name;
  const id = found?.vlan;
  if (id === undefined) return { linkName: linuxName };
  const suffix = `.${id}`;
  const parent = linuxName.endsWith(suffix) ? linuxName.slice(0, -suffix.length) : linuxName;
  return { linkName: parent.slice(0, LONGEST_NAME - suffix.length) + suffix, vlan: { parent, id } };
}

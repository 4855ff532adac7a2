/** What the data plane changes of an access interface's own, and how it comes back. */
import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { AccessInterface } from '#dataplane/desired.ts';
import type { FormerLink, FormerNotes, FormerState } from './bpf-node-state.ts';
import { restoreKernelSettings } from './bpf-sysctl.ts';
import { type Netlink, NetlinkError, type NetlinkRequest } from './netlink.ts';
import {
  addresses,
  changeLink,
  InterfaceFlag,
  type Link,
  links,
  removeAddress,
  restoreAddress,
} from './netlink-requests.ts';
import { EBUSY } from './posix.ts';

/**
 * Brings an access interface up with the link-layer address of every MAG, and with no link-local address but theirs: a mobile node must not
 * learn of another. Says whether it had to change the link itself. Throws `NetlinkError`.
 */
export function takeLink(
  netlink: Netlink,
  { mac, linkLocal }: AccessInterface,
  link: Link,
  notes: FormerNotes,
): boolean {
  const before = formerOf(notes.former, link);
  const isAsWanted = link.mac?.equals(mac) === true && (link.flags & InterfaceFlag.UP) !== 0;
  if ((link.flags & InterfaceFlag.UP) === 0) before.wasDown ??= true;
  if (link.mac && !link.mac.equals(mac)) before.mac ??= link.mac.toString();
  if (!isAsWanted) notes.note();
  if (link.mac && !link.mac.equals(mac)) changeMac(netlink, link.index, mac);
  netlink.request(changeLink(link.index, { set: InterfaceFlag.UP }));
  const others = addresses(netlink).flatMap(({ index, address, length, ours }) =>
    index === link.index && address instanceof Ipv6Address && address.isLinkLocal && !ours
      ? [new Ipv6Prefix(address, length)]
      : [],
  );
  if (others.length > 0) {
    before.addresses = [...(before.addresses ?? []), ...others.map(String)];
    notes.note();
  }
  for (const prefix of others)
    if (!prefix.address.equals(linkLocal)) netlink.request(removeAddress(link.index, prefix));
  return !isAsWanted;
}

/** Gives the interface back as it was; what cannot be restored is gone with the interface. */
export function releaseLink(netlink: Netlink, name: string, former: FormerState): void {
  const before = former.links[name];
  delete former.links[name];
  const link = links(netlink).find((one) => one.name === name);
  if (before && link?.index === before.index) {
    const mac = before.mac === undefined ? undefined : MacAddress.parse(before.mac);
    if (mac) attempt(() => changeMac(netlink, link.index, mac));
    netlink.batch((before.addresses ?? []).flatMap((text) => restoration(link.index, text)));
    if (before.wasDown) netlink.batch([changeLink(link.index, { clear: InterfaceFlag.UP })]);
  }
  attempt(() => restoreKernelSettings(former.settings, name));
}

/** An interface of the same name under another index is another one. */
function formerOf({ links: known }: FormerState, { name, index }: Link): FormerLink {
  const before = known[name];
  if (before?.index === index) return before;
  const fresh: FormerLink = { index };
  known[name] = fresh;
  return fresh;
}

/** Some drivers only change it while the interface is down. */
function changeMac(netlink: Netlink, index: number, mac: MacAddress): void {
  const failure = netlink.batch([changeLink(index, { mac })])[0];
  if (!failure) return;
  if (failure.errno !== EBUSY) throw new NetlinkError(failure);
  netlink.request(changeLink(index, { clear: InterfaceFlag.UP }));
  netlink.request(changeLink(index, { mac, set: InterfaceFlag.UP }));
}

function restoration(index: number, text: string): NetlinkRequest[] {
  const prefix = Ipv4Prefix.parse(text) ?? Ipv6Prefix.parse(text);
  return prefix ? [restoreAddress(index, prefix)] : [];
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // It is gone, or another's by now.
  }
}

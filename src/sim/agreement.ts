/** What must hold in a world whose links are whole and where nothing has happened for a while. */
import { sameAddress } from '#base/ip-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Encapsulation, Forwarding, GreKeys, Path } from '#dataplane/desired.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { encapsulationName, keysOf } from '#proto/tunnel-path.ts';
import type { LmaNode } from './lma-node.ts';
import type { MagNode } from './mag-node.ts';
import type { MobileNode } from './mobile-node.ts';
import { type Place, placeOf } from './place.ts';
import { SimulationFault } from './scheduler.ts';
import type { World } from './world.ts';

export interface AgreementOptions {
  /** Not everybody can have an address: who has none is left alone. */
  readonly scarce?: boolean;
}

/**
 * Every mobile node that is in reach is registered with its anchor by the gateway where it is and by no other, has what it was granted, and both
 * ends forward for it alike; one that is gone is gone everywhere.
 */
export function checkAgreement(world: World, { scarce = false }: AgreementOptions = {}): void {
  for (const node of world.mobileNodes) {
    const place = placeOf(world, node);
    if (place) checkPresent(world, node, place, scarce);
    else checkAbsent(world, node);
  }
}

function checkPresent(world: World, node: MobileNode, place: Place, scarce: boolean): void {
  const { mag, lma, station } = place;
  const where = `${node.name} at ${world.air.whereIs(node)}`;
  const rows = rowsOf(lma, node);
  const row = rows[0];
  if (!row) {
    if ((scarce || isMute(node)) && sessionsOf(mag, node).length === 0) return;
    fault('a mobile node in reach has a binding', `${where} has none at ${lma.name}`);
  }
  if (rows.length > 1) fault('an interface has one binding', `${where} has ${rows.length} at ${lma.name}`);
  if (row.nai !== station.nai) fault('both ends name the mobile node alike', `${row.nai} and ${station.nai}`);
  const session = sessionsOf(mag, node)[0];
  if (!session) fault('the gateway serves the mobile node', `${where} has no session, but a binding with ${row.peer}`);
  if (!isBoundTo(world, row, mag)) fault('the binding points at the gateway', `${where} is bound to ${row.peer}`);
  if (session.interface !== place.interface) fault('the session is at the interface', `${where}: ${session.interface}`);
  if (row.hoa !== session.hoa || `${row.hnps}` !== `${session.hnps}`) {
    fault('both ends agree on addresses', `${where}: ${row.hoa} ${row.hnps} and ${session.hoa} ${session.hnps}`);
  }
  if (lma.config.authorization) checkAssigned(world, where, row);
  checkHost(node, where, row);
  checkForwarding(world, place, node, row);
  for (const other of world.mags) {
    if (other !== mag && sessionsOf(other, node).length > 0) {
      fault('one gateway serves a mobile node', `${where} is served by ${other.name} too`);
    }
  }
}

/** Addresses that the AAA server has for a node are those that its anchor gives it. */
function checkAssigned({ aaa }: World, where: string, { nai, hoa, hnps }: LmaBindingRow): void {
  const assigned = aaa.addressesOf(nai);
  if (!assigned) return;
  const { homeAddress, prefixes } = assigned;
  const isRight =
    (hoa === null || hoa === `${homeAddress?.address}`) &&
    hnps.every((hnp) => prefixes.some((prefix) => `${prefix}` === hnp));
  if (!isRight) fault('a mobile node has the addresses of the AAA server', `${where} has ${hoa} ${hnps.join(' ')}`);
}

/**
 * A host of IPv6 alone that has lost its router, while no gateway that knew of it was there to ask: nothing makes it send anything, as Linux
 * solicits routers only when the link comes up.
 */
function isMute({ hasIpv4, autoconfiguration }: MobileNode): boolean {
  return !hasIpv4 && autoconfiguration.router === undefined;
}

/** The host has what was granted, if it wants it. */
function checkHost(node: MobileNode, where: string, row: LmaBindingRow): void {
  const { homeAddress } = node;
  if (node.hasIpv4 && row.hoa !== null && row.hoa !== `${homeAddress}`) {
    fault('the host has its home address', `${where} has ${homeAddress}, bound is ${row.hoa}`);
  }
  if (homeAddress && row.hoa === null) fault('the host has no other home address', `${where} has ${homeAddress}`);
  const { preferred } = node.autoconfiguration;
  for (const hnp of row.hnps) {
    if (!preferred.some((address) => Ipv6Prefix.parse(hnp)?.contains(address))) {
      fault('the host has an address of its prefix', `${where} has ${preferred.join(' ') || 'none'}, bound is ${hnp}`);
    }
  }
}

function checkForwarding(world: World, { lma, mag }: Place, node: MobileNode, row: LmaBindingRow): void {
  const where = `${node.name} at ${world.air.whereIs(node)}`;
  const anchor = forwardingOf(lma, row.id);
  const access = forwardingOf(mag, `${node.mac}`);
  if (!anchor || !access) {
    fault(
      'both ends forward',
      `${where}: ${anchor ? 'only the anchor' : access ? 'only the gateway' : 'neither'} does`,
    );
  }
  const [up] = access.paths;
  const [down] = anchor.paths;
  if (!isMirror(world, up, down))
    fault('both ends of a tunnel are alike', `${where}: ${describe(up)} and ${describe(down)}`);
}

function checkAbsent({ lmas, mags }: World, node: MobileNode): void {
  for (const lma of lmas) {
    const row = rowsOf(lma, node)[0];
    if (row) fault('a mobile node that is gone has no binding', `${node.name} has one at ${lma.name} with ${row.peer}`);
  }
  for (const mag of mags) {
    if (sessionsOf(mag, node).length > 0)
      fault('a mobile node that is gone is not served', `${node.name} is by ${mag.name}`);
  }
}

function rowsOf({ machine }: LmaNode, { mac }: MobileNode): LmaBindingRow[] {
  return machine.snapshot().filter(({ llid }) => llid === mac.toCiscoString());
}

function sessionsOf({ mag }: MagNode, { mac }: MobileNode): MagBindingRow[] {
  return mag.snapshot().filter(({ llid, state }) => llid === mac.toCiscoString() && state !== 'DISCONNECTING');
}

function forwardingOf({ forwarder }: LmaNode | MagNode, id: string): Forwarding | undefined {
  return [...forwarder.dataPlane.forwardings()].find((held) => held.id === id);
}

/** The care-of address of a gateway that an anchor has learnt is its name, too. */
function isBoundTo({ network }: World, { peer }: LmaBindingRow, { name, addresses }: MagNode): boolean {
  return peer === name || addresses.some((address) => `${network.outside(address)}` === peer);
}

function isMirror({ network }: World, up: Path, down: Path): boolean {
  return (
    sameAddress(network.outside(up.local), down.remote) &&
    sameAddress(up.remote, down.local) &&
    up.encapsulation.kind === down.encapsulation.kind &&
    isTlvHeader(up.encapsulation) === isTlvHeader(down.encapsulation) &&
    isKeyMirror(keysOf(up), keysOf(down))
  );
}

function isTlvHeader(encapsulation: Encapsulation): boolean {
  return encapsulation.kind === 'udp' && encapsulation.tlvHeader;
}

function isKeyMirror(up: GreKeys | undefined, down: GreKeys | undefined): boolean {
  return up?.send === down?.receive && up?.receive === down?.send;
}

function describe(path: Path): string {
  const keys = keysOf(path);
  return `${path.local} to ${path.remote} by ${encapsulationName(path)}${keys ? ` keys ${keys.send} ${keys.receive}` : ''}`;
}

function fault(invariant: string, message: string): never {
  throw new SimulationFault(invariant, message);
}

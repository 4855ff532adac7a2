/** What must hold within each node at any time, and when nobody is left. */
import type { LmaNode } from './lma-node.ts';
import type { MagNode } from './mag-node.ts';
import { SimulationFault } from './scheduler.ts';
import type { World } from './world.ts';

/** Each node forwards for its bindings and for nothing else, and has lent the addresses of its bindings and no others. */
export function checkBookkeeping({ lmas, mags }: World): void {
  for (const lma of lmas) if (lma.isUp && lma.isSettled) checkAnchor(lma);
  for (const mag of mags) if (mag.isUp) checkGateway(mag);
}

function checkAnchor({ name, machine, forwarder, stored }: LmaNode): void {
  const rows = machine.snapshot();
  const active = rows.filter(({ state }) => state === 'active').map(({ id }) => id);
  compare(
    `${name} forwards for its bindings`,
    Array.from(forwarder.dataPlane.forwardings(), ({ id }) => id),
    active,
  );
  const lent = lentBy(machine);
  const held = rows.reduce((sum, { hoa, hnps }) => sum + hnps.length + (hoa === null ? 0 : 1), 0);
  if (lent !== held) {
    throw new SimulationFault('what is lent is what bindings have', `${name}: ${lent} lent, ${held} in bindings`);
  }
  if (stored < rows.length) {
    throw new SimulationFault('bindings are stored', `${name}: ${rows.length} bindings, ${stored} records`);
  }
}

function checkGateway({ name, mag, forwarder }: MagNode): void {
  const served = mag
    .snapshot()
    .filter(({ hoa, hnps, state }) => (hoa !== null || hnps.length > 0) && state !== 'DISCONNECTING')
    .map(({ llid }) => llid);
  const forwarded = Array.from(forwarder.dataPlane.forwardings(), (held) => {
    return held.kind === 'access' ? held.mac.toCiscoString() : held.id;
  });
  compare(`${name} forwards for its bindings`, forwarded, served);
}

/** Nobody is left and all that was granted has run out: nothing of it remains anywhere. */
export function checkNothingLeft({ lmas, mags }: World): void {
  for (const { name, machine, forwarder, stored } of lmas) {
    nothing(name, {
      bindings: machine.snapshot().length,
      records: stored,
      addresses: lentBy(machine),
      forwarding: forwarder.dataPlane.parts,
    });
  }
  for (const { name, mag, access, forwarder } of mags) {
    const forwarding = forwarder.dataPlane.parts;
    nothing(name, { bindings: mag.snapshot().length, stations: access.snapshot().length, forwarding });
  }
}

/** Without anything to wait for, no timer is set. */
export function checkNoTimers({ lmas, mags }: World): void {
  for (const { name, machine } of lmas) noTimer(`${name} anchor`, machine);
  for (const { name, mag, access } of mags) {
    noTimer(`${name} gateway`, mag);
    noTimer(`${name} access`, access);
  }
}

/** How many addresses and prefixes, of its pools and of none. */
function lentBy(machine: LmaNode['machine']): number {
  const { ipv4, ipv6, outside } = machine.poolUse();
  return [...ipv4, ...ipv6].reduce((sum, { held }) => sum + held, outside);
}

function noTimer(what: string, machine: { nextTimeout(): number | undefined }): void {
  const next = machine.nextTimeout();
  if (next !== undefined) throw new SimulationFault('no timer is left', `${what} waits for ${next}`);
}

function nothing(name: string, counts: Readonly<Record<string, number>>): void {
  for (const [what, count] of Object.entries(counts)) {
    if (count > 0) throw new SimulationFault('nothing is left when everybody has gone', `${name} has ${count} ${what}`);
  }
}

function compare(what: string, have: readonly string[], want: readonly string[]): void {
  const extra = have.filter((one) => !want.includes(one));
  const missing = want.filter((one) => !have.includes(one));
  if (extra.length + missing.length === 0) return;
  throw new SimulationFault(
    what,
    `too much ${extra.join(' ') || 'nothing'}, missing ${missing.join(' ') || 'nothing'}`,
  );
}

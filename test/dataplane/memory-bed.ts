import { instant } from '#base/time.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { MemoryDataPlane } from '#dataplane/memory.ts';
import { MemoryTables } from '#dataplane/memory-tables.ts';
import { type Arrival, type Bed, CORE_PORTS, type CorePort, type Departed, node } from './bed.ts';

export function memoryBed(forwarding: NodeForwarding = node): Bed {
  const tables = new MemoryTables();
  let now = instant(0);
  const clock = () => now;
  const names = node.accessInterfaces.map((access) => access.name);
  let firstMtu = 1500;
  const accessMtu = (name: string) => (name === names[0] ? firstMtu : 1500);
  let plane = new MemoryDataPlane(tables, clock, accessMtu);
  plane.start(forwarding);
  return {
    get plane() {
      return plane;
    },
    inside: (action) => action(),
    later(durationMs) {
      now = instant(now + durationMs);
    },
    succeed(next) {
      plane = new MemoryDataPlane(tables, clock, accessMtu);
      plane.start(next);
    },
    exchange(arrival: Arrival): Departed[] {
      return depart(arrival).map((left) => {
        if (left.kind === 'transport') return { to: left.kind, packet: left.packet };
        if (left.kind === 'core') return { to: CORE_PORTS[left.customer] as CorePort, packet: left.packet };
        return { to: left.interface === names[0] ? 'access' : 'access2', mac: left.mac, packet: left.packet };
      });
    },
    answersToArp(from, mac, packet) {
      const answer = plane.arpFromAccess(names[from === 'access' ? 0 : 1] as string, mac, packet);
      return answer ? [answer] : [];
    },
    setAccessMtu(octets) {
      firstMtu = octets;
    },
    retire: () => {},
    close: () => plane.close(),
  };

  function depart(arrival: Arrival) {
    if (arrival.from === 'transport') return plane.fromTransport(arrival.packet);
    if (!('mac' in arrival)) return plane.fromCore(arrival.packet, CORE_PORTS.indexOf(arrival.from));
    if (arrival.from === 'held') return plane.forwardHeld(names[0] as string, arrival.mac, arrival.packet);
    const name = names[arrival.from === 'access' ? 0 : 1] as string;
    return plane.fromAccess(name, arrival.mac, arrival.packet);
  }
}

import type { FailedChange } from '#dataplane/dataplane.ts';
import type { Forwarding, ForwardingChange } from '#dataplane/desired.ts';
import type { MemoryDataPlane } from '#dataplane/memory.ts';
import type { Departure } from '#dataplane/packet-forwarder.ts';
import { SimulationFault } from './scheduler.ts';

/** IPv4, IPv6, GRE and UDP: what a tunnel's packets carry behind their outer header. */
const TUNNEL_PROTOCOLS = [4, 41, 47, 17];

/** The data plane of one node, which sometimes cannot do what it is asked to, and must count what it drops. */
export class Forwarder {
  readonly dataPlane: MemoryDataPlane;
  /** True: the system refuses the next change that sets forwarding. */
  refuses: () => boolean = () => false;
  refused = 0;

  constructor(dataPlane: MemoryDataPlane) {
    this.dataPlane = dataPlane;
  }

  /** A machine never asks for forwarding that cannot be: two bindings with one address, or more than fit. */
  apply(changes: readonly ForwardingChange[]): readonly FailedChange[] {
    const failures: FailedChange[] = [];
    for (const change of changes) {
      if (change.kind === 'set' && this.refuses() && !this.#holds(change.forwarding)) {
        const { kind, id } = change.forwarding;
        this.refused++;
        failures.push({ kind, id, code: 'system', reason: 'the simulator refused' });
        continue;
      }
      const [failed] = this.dataPlane.apply([change]).failed;
      if (failed)
        throw new SimulationFault('forwarding can be applied', `${failed.kind} ${failed.id}: ${failed.reason}`);
    }
    return failures;
  }

  /** There is nothing to change, and so nothing to refuse. */
  #holds(wanted: Forwarding): boolean {
    const held = [...this.dataPlane.forwardings()].find(({ id, kind }) => id === wanted.id && kind === wanted.kind);
    return held !== undefined && JSON.stringify(held) === JSON.stringify(wanted);
  }

  /** A packet from the transport network; what has no tunnel's form is left to other protocols of the node. */
  fromTransport(packet: Uint8Array): Departure[] {
    const protocol = (packet[0] ?? 0) >>> 4 === 4 ? packet[9] : packet[6];
    const isTunnel = TUNNEL_PROTOCOLS.includes(protocol ?? 0) && protocol !== 17;
    return isTunnel ? this.counted(() => this.dataPlane.fromTransport(packet)) : this.dataPlane.fromTransport(packet);
  }

  /** Every packet leaves or is counted under one reason; so is the ICMP error that tells its source, if there is one. */
  counted(carry: () => Departure[]): Departure[] {
    const [before, reportedBefore] = [this.drops, this.#reported];
    const departures = carry();
    const dropped = this.drops - before;
    const told = this.#reported > reportedBefore;
    const isRight = departures.length > 0 ? dropped === Number(told) : dropped === 1 || (told && dropped === 2);
    if (!isRight) {
      throw new SimulationFault(
        'every drop is counted',
        `a packet ${departures.length > 0 ? 'left' : 'vanished'}, ${dropped} counted`,
      );
    }
    return departures;
  }

  /** Of the packets whose sources are told. */
  get #reported(): number {
    return this.dataPlane.drops()['no-binding'];
  }

  get drops(): number {
    let sum = 0;
    for (const count of Object.values(this.dataPlane.drops())) sum += count;
    return sum;
  }
}

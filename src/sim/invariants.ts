import type { Air } from './air.ts';
import type { LmaNode } from './lma-node.ts';
import type { MagNode } from './mag-node.ts';
import type { MobileNode } from './mobile-node.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulationFault } from './scheduler.ts';

export interface ObservedWorld {
  readonly scheduler: Scheduler;
  readonly air: Air;
  readonly lma: LmaNode;
  readonly mags: readonly MagNode[];
  readonly mobileNodes: readonly MobileNode[];
}

/** Chooses: far above what attaching, refreshing and revoking with every retransmission needs of one mobile node in a second. */
const SIGNALS_PER_SECOND_AND_NODE_MAXIMUM = 60;

/** What must hold in a world: after every step, and after quiet time. */
export class Invariants {
  readonly #world: ObservedWorld;
  #seen: unknown[] = [];
  #secondStarted = 0;
  #signalsAtStart = 0;

  constructor(world: ObservedWorld) {
    this.#world = world;
  }

  /** After every step. Throws `SimulationFault`. */
  check(): void {
    if (this.#addressesChanged()) this.#addressesAreUnique();
    this.#noMessageStorm();
  }

  /**
   * After quiet time, with all links whole: the binding points at the MAG where the mobile node is, the node has the binding's addresses, and no
   * other MAG serves it.
   */
  checkSettled(): void {
    for (const node of this.#world.mobileNodes) {
      const at = this.#world.air.whereIs(node);
      const nai = node.mac.toCiscoString();
      const row = this.#world.lma.machine.snapshot().find((binding) => binding.nai === nai);
      if (at === undefined) {
        if (row) fault('departed node has no binding', `${node.name} has one with ${row.peer}`);
        continue;
      }
      if (!row) fault('attached node has a binding', `${node.name} at ${at} has none`);
      if (row.peer !== at) fault('binding points at the MAG', `${node.name} is at ${at}, bound to ${row.peer}`);
      if (row.hoa !== `${node.homeAddress}`) {
        fault('node has the address of its binding', `${node.name} has ${node.homeAddress}, bound is ${row.hoa}`);
      }
      for (const mag of this.#world.mags) {
        const serves = mag.mag.snapshot().some((session) => session.nai === nai && session.state !== 'DISCONNECTING');
        if (serves !== (mag.name === at)) {
          fault(
            'one MAG serves a node',
            `${node.name} is at ${at}, and ${mag.name} ${serves ? 'serves it' : 'does not'}`,
          );
        }
      }
    }
  }

  /** Steps that only carry packets are many; nobody's address changes in them. */
  #addressesChanged(): boolean {
    const { lma, mobileNodes } = this.#world;
    const { stats } = lma.machine;
    const seen: unknown[] = [lma.machine, stats.pbaSent, stats.bindingsDeleted, stats.bindingsRestored];
    for (const { homeAddress, address } of mobileNodes) seen.push(homeAddress, address);
    const changed = seen.some((value, i) => value !== this.#seen[i]);
    this.#seen = seen;
    return changed;
  }

  #addressesAreUnique(): void {
    const owners = new Map<string, string>();
    for (const { name, homeAddress, address } of this.#world.lma.hasForgotten ? [] : this.#world.mobileNodes) {
      for (const held of [homeAddress, address]) {
        if (held) claim(owners, `${held}`, name);
      }
    }
    const bound = new Map<string, string>();
    for (const { id, hoa, hnps } of this.#world.lma.machine.snapshot()) {
      for (const held of hoa === null ? hnps : [hoa, ...hnps]) claim(bound, held, id);
    }
  }

  #noMessageStorm(): void {
    const { elapsedMs } = this.#world.scheduler;
    const sent = [this.#world.lma, ...this.#world.mags].reduce((sum, node) => sum + node.signalsSent, 0);
    if (elapsedMs - this.#secondStarted >= 1000) {
      this.#secondStarted = elapsedMs;
      this.#signalsAtStart = sent;
    }
    const inThisSecond = sent - this.#signalsAtStart;
    if (inThisSecond > SIGNALS_PER_SECOND_AND_NODE_MAXIMUM * this.#world.mobileNodes.length) {
      fault('no message storm', `${inThisSecond} signalling messages within a second`);
    }
  }
}

function claim(owners: Map<string, string>, address: string, owner: string): void {
  const other = owners.get(address);
  if (other !== undefined && other !== owner) fault('an address belongs to one', `${address} to ${other} and ${owner}`);
  owners.set(address, owner);
}

function fault(invariant: string, message: string): never {
  throw new SimulationFault(invariant, message);
}

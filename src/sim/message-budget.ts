import type { LmaNode } from './lma-node.ts';
import type { MagNode } from './mag-node.ts';
import { SimulationFault } from './scheduler.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;
/** Chooses: of each node in a minute, whatever happens: heartbeats, and what the start of a minute finds under way. */
const BASE = 60;
/** A registration with its retransmissions, its refreshes and its end. */
const FOR_EACH_BINDING = 40;
const FOR_EACH_ARRIVAL = 8;
/** Peers are told of it, by every way that there is. */
const FOR_EACH_START = 10;
/** Revocations and de-registrations are sent four times at most. */
const FOR_EACH_CLEARED = 4;
/** Every message that ended no exchange may be answered, and may start a revocation with its retransmissions. */
const FOR_EACH_MESSAGE = 4;

interface Mark {
  sent: number;
  received: number;
  arrivals: number;
  starts: number;
  cleared: number;
  /** A minute before. */
  clearedBefore: number;
  most: number;
}

const NOTHING: Mark = { sent: 0, received: 0, arrivals: 0, starts: 0, cleared: 0, clearedBefore: 0, most: 0 };

/** No node sends more than what came to it, and what it keeps, give it reason to. */
export class MessageBudget {
  readonly #world: World;
  #minuteStarted = 0;
  readonly #marks = new Map<LmaNode | MagNode, Mark>();

  constructor(world: World) {
    this.#world = world;
  }

  /** After every step. */
  check(): void {
    const { elapsedMs } = this.#world.scheduler;
    if (elapsedMs - this.#minuteStarted < MINUTE_MS) return;
    this.#minuteStarted = elapsedMs;
    for (const node of [...this.#world.lmas, ...this.#world.mags]) this.#checkNode(node);
  }

  #checkNode(node: LmaNode | MagNode): void {
    const { signalsSent: sent, signalsReceived: received, cleared, starts } = node;
    const arrivals = 'arrivals' in node ? node.arrivals : 0;
    const bindings = 'mag' in node ? node.mag.snapshot().length : 0;
    const before = this.#marks.get(node) ?? NOTHING;
    this.#marks.set(node, { sent, received, arrivals, starts, cleared, clearedBefore: before.cleared, most: bindings });
    const allowed =
      BASE +
      FOR_EACH_BINDING * Math.max(bindings, before.most) +
      FOR_EACH_ARRIVAL * (arrivals - before.arrivals) +
      FOR_EACH_START * (starts - before.starts) +
      FOR_EACH_CLEARED * (cleared - before.clearedBefore) +
      FOR_EACH_MESSAGE * (received - before.received);
    if (sent - before.sent > allowed) {
      const text = `${node.name} sent ${sent - before.sent} messages within a minute, ${allowed} are plenty`;
      throw new SimulationFault('no message storm', text);
    }
  }
}

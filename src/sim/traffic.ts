import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import type { Duration, Instant } from '#base/time.ts';
import { elapsed } from '#base/time.ts';
import type { Correspondent } from './correspondent.ts';
import type { Family, MobileNode } from './mobile-node.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulationFault } from './scheduler.ts';

/** UDP port of the echo service. */
const ECHO_PORT = 7;
const LENGTH = 64;
/** The sequence numbers of flows begin with 1. */
const HAIL = 0;
const FAMILIES = ['ipv4', 'ipv6'] as const;

export interface TrafficCount {
  sent: number;
  answered: number;
  /** The longest time between two answers while the node was in reach, in milliseconds. */
  longestInterruptionMs: number;
  /** Datagrams of other mobile nodes. */
  hailed: number;
}

interface Flow {
  sequence: number;
  unanswered: number;
  answeredAt: Instant | undefined;
}

/** A mobile node's datagrams to the correspondent, which sends them back: whose they are is in them. */
export class Traffic {
  readonly counts: TrafficCount = { sent: 0, answered: 0, longestInterruptionMs: 0, hailed: 0 };
  readonly #index: number;
  readonly #node: MobileNode;
  readonly #correspondent: Correspondent;
  readonly #scheduler: Scheduler;
  readonly #interval: () => Duration;
  readonly #flows: Record<Family, Flow> = { ipv4: newFlow(), ipv6: newFlow() };
  #cancel: () => void = () => {};
  /** Nothing may be lost from the first answer on. */
  mustNotLose = false;
  /** True: others may get what is this node's. */
  readonly #amnesty: () => boolean;

  constructor(
    index: number,
    node: MobileNode,
    correspondent: Correspondent,
    scheduler: Scheduler,
    interval: () => Duration,
    amnesty: () => boolean,
  ) {
    this.#index = index;
    this.#node = node;
    this.#correspondent = correspondent;
    this.#scheduler = scheduler;
    this.#interval = interval;
    this.#amnesty = amnesty;
    node.onDatagram = (family, payload) => this.#received(family, payload);
    node.onForeignDatagram = (family, payload) => this.#received(family, payload);
  }

  start(): void {
    for (const family of FAMILIES) this.#send(family);
    this.#cancel = this.#scheduler.schedule(this.#interval(), () => this.start());
  }

  stop(): void {
    this.#cancel();
  }

  /** The node went out of reach, or has come back: what lies between is no interruption. */
  interrupted(): void {
    for (const family of FAMILIES) this.#flows[family].answeredAt = undefined;
  }

  /** How many answers in a row are missing. */
  missing(family: Family): number {
    return this.#flows[family].unanswered;
  }

  #send(family: Family): void {
    const flow = this.#flows[family];
    const payload = datagramFor(this.#index, ++flow.sequence);
    if (!this.#node.sendDatagram(this.#correspondent[family], ECHO_PORT, payload)) {
      flow.sequence--;
      return;
    }
    this.counts.sent++;
    if (this.mustNotLose && flow.unanswered > 0 && flow.answeredAt !== undefined) {
      throw new SimulationFault(
        'a stable mobile node loses nothing',
        `${this.#node.name} lost ${family} ${flow.sequence - 1}`,
      );
    }
    flow.unanswered++;
  }

  #received(family: Family, payload: Uint8Array): void {
    if (payload.length !== LENGTH) return;
    const owner = readU16(payload, 0);
    if (owner !== this.#index) {
      if (this.#amnesty()) return;
      throw new SimulationFault(
        'traffic reaches only whom it is for',
        `${this.#node.name} got what is for number ${owner}`,
      );
    }
    const flow = this.#flows[family];
    const sequence = readU32(payload, 2);
    if (sequence === HAIL) {
      this.counts.hailed++;
      return;
    }
    this.counts.answered++;
    if (sequence === flow.sequence) flow.unanswered = 0;
    const { now } = this.#scheduler;
    if (flow.answeredAt !== undefined) {
      const gap = elapsed(flow.answeredAt, now);
      this.counts.longestInterruptionMs = Math.max(this.counts.longestInterruptionMs, gap);
    }
    flow.answeredAt = now;
  }
}

/** For the mobile node of this number; without a sequence number from another one of them. */
export function datagramFor(index: number, sequence = HAIL): Uint8Array {
  const payload = new Uint8Array(LENGTH);
  writeU16(payload, 0, index);
  writeU32(payload, 2, sequence);
  return payload;
}

function newFlow(): Flow {
  return { sequence: 0, unanswered: 0, answeredAt: undefined };
}

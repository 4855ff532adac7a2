import { readU32, writeU32 } from '#base/bytes.ts';
import type { Duration, Instant } from '#base/time.ts';
import type { Correspondent } from './correspondent.ts';
import type { Family, MobileNode } from './mobile-node.ts';
import type { Scheduler } from './scheduler.ts';

/** UDP port of the echo service. */
const ECHO_PORT = 7;
const PROBE_LENGTH = 64;

interface Probe {
  readonly sentAt: Instant;
  answeredAt: Instant | undefined;
}

export interface ProbeCount {
  readonly sent: number;
  readonly lost: number;
}

/** Sends numbered datagrams from a mobile node to the correspondent, both families in turn, and notes which come back. */
export class Prober {
  readonly #node: MobileNode;
  readonly #correspondent: Correspondent;
  readonly #scheduler: Scheduler;
  readonly #interval: Duration;
  readonly #probes: Record<Family, Probe[]> = { ipv4: [], ipv6: [] };
  /** When answers came, in that order. */
  readonly #answers: Record<Family, Instant[]> = { ipv4: [], ipv6: [] };
  #cancel: () => void = () => {};

  constructor(node: MobileNode, correspondent: Correspondent, scheduler: Scheduler, interval: Duration) {
    this.#node = node;
    this.#correspondent = correspondent;
    this.#scheduler = scheduler;
    this.#interval = interval;
    node.onDatagram = (family, payload) => this.#answered(family, payload);
  }

  start(): void {
    this.#probe('ipv4');
    this.#probe('ipv6');
    this.#cancel = this.#scheduler.schedule(this.#interval, () => this.start());
  }

  stop(): void {
    this.#cancel();
  }

  hasAnswer(family: Family): boolean {
    return this.#answers[family].length > 0;
  }

  /** When the first answer came after `since`. */
  firstAnswerSince(family: Family, since: Instant): Instant | undefined {
    const answers = this.#answers[family];
    let first = answers.length;
    while (first > 0 && (answers[first - 1] as Instant) > since) first--;
    return answers[first];
  }

  /** Of the probes sent in this time, the end excluded. */
  count(family: Family, from: Instant, to: Instant): ProbeCount {
    const sent = this.#probes[family].filter(({ sentAt }) => sentAt >= from && sentAt < to);
    return { sent: sent.length, lost: sent.filter(({ answeredAt }) => answeredAt === undefined).length };
  }

  #probe(family: Family): void {
    const payload = new Uint8Array(PROBE_LENGTH);
    writeU32(payload, 0, this.#probes[family].length);
    const sent = this.#node.sendDatagram(this.#correspondent[family], ECHO_PORT, payload);
    if (sent) this.#probes[family].push({ sentAt: this.#scheduler.now, answeredAt: undefined });
  }

  #answered(family: Family, payload: Uint8Array): void {
    const probe = payload.length === PROBE_LENGTH ? this.#probes[family][readU32(payload, 0)] : undefined;
    if (!probe || probe.answeredAt !== undefined) return;
    probe.answeredAt = this.#scheduler.now;
    this.#answers[family].push(probe.answeredAt);
  }
}

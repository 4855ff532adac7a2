import type { MacAddress } from '#base/mac-address.ts';
import type { ForwardingChange } from '#dataplane/desired.ts';
import { monotonicNanoseconds } from '#host/clock.ts';
import type { AccessOutput } from '#proto/access/events.ts';
import type { StoreChange } from '#proto/lma/record.ts';
import type { AccessSession, AttachedEvent } from '#proto/mag/events.ts';
import type { SendOutput } from '#proto/peer.ts';
import type { BindingAcknowledgement } from '#wire/mobility/index.ts';
import type { AccessLinks } from './access-links.ts';
import { AttachTimeline } from './attach-timeline.ts';
import { Histogram } from './histogram.ts';
import type { RuntimeJournal } from './runtime-journal.ts';
import { messageOf } from './runtime-journal.ts';
import type { Signalling } from './signalling.ts';

/** How changes become true. */
export interface Effects {
  /** Durable on return. */
  readonly commit: (changes: readonly StoreChange[]) => void;
  /** Makes the changes true; returns what it could not do, for people. */
  readonly forward: (changes: readonly ForwardingChange[]) => readonly string[];
  /** Sends on what waited for forwarding. */
  readonly forwardHeld: (interfaceName: string, mac: MacAddress, packet: Uint8Array) => void;
}

type HeldPackets = Extract<AccessOutput, { kind: 'forward-held' }>;

/**
 * What the machines of a node want of one round: collected first, then carried out in the order store, data plane, sockets. So no
 * answer leaves before what it promises is durable and forwarded. It also notes when each step of an attachment was.
 */
export class RoundOutcome {
  readonly timeline = new AttachTimeline();
  /** Microseconds from the instant at which the thread woke for a message until its consequence was carried out. */
  readonly costs = {
    /** LMA: a PBU arrived; its PBA was handed to the kernel. */
    pbuToPba: new Histogram(),
    /** MAG: a frame showed a mobile node; its PBU was handed to the kernel. */
    attachToPbu: new Histogram(),
    /** MAG: a PBA arrived; its forwarding was in place. */
    pbaToForwarding: new Histogram(),
  };
  readonly #effects: Effects;
  readonly #journal: RuntimeJournal;
  #wokenNs = monotonicNanoseconds();
  #stores: StoreChange[] = [];
  #changes: ForwardingChange[] = [];
  #sends: { readonly output: SendOutput; readonly needsStore: boolean }[] = [];
  #frames: { readonly interface: string; readonly frame: Uint8Array }[] = [];
  #sessions: AccessSession[] = [];
  #held: HeldPackets[] = [];
  #attachments = 0;

  constructor(effects: Effects, journal: RuntimeJournal) {
    this.#effects = effects;
    this.#journal = journal;
  }

  /** The thread woke: what arrives from now on is timed from here. */
  begin(): void {
    this.#wokenNs = monotonicNanoseconds();
  }

  store(change: StoreChange): void {
    this.#stores.push(change);
  }

  forward(change: ForwardingChange): void {
    this.#changes.push(change);
  }

  /** With `needsStore`, it is withheld when the changes cannot be stored. */
  send(output: SendOutput, needsStore: boolean): void {
    this.#sends.push({ output, needsStore });
  }

  transmit(frame: { readonly interface: string; readonly frame: Uint8Array }): void {
    this.#frames.push(frame);
  }

  forwardHeld(packets: HeldPackets): void {
    this.#held.push(packets);
  }

  attached(event: AttachedEvent): void {
    this.#attachments++;
    this.timeline.attached(event, this.#wokenNs);
  }

  acknowledged(message: BindingAcknowledgement): void {
    this.timeline.acknowledgementReceived(message, this.#wokenNs);
  }

  sessionActive(session: AccessSession): void {
    this.#sessions.push(session);
  }

  carryOut(signalling: Signalling, links: AccessLinks): void {
    const stored = this.#commit();
    if (this.#changes.length > 0) this.#apply();
    if (this.#sessions.length > 0) this.#noteSessions();
    if (this.#held.length > 0) this.#forwardHeld();
    if (this.#sends.length > 0) this.#send(signalling, stored);
    if (this.#frames.length > 0) this.#transmit(links);
    this.#attachments = 0;
    this.timeline.endRound();
  }

  reportForwarding(failures: readonly string[]): void {
    for (const failure of failures) {
      this.#journal.counters.forwardingErrors++;
      this.#journal.log('error', 'forwarding-failed', failure);
    }
  }

  #commit(): boolean {
    if (this.#stores.length === 0) return true;
    const changes = this.#stores;
    this.#stores = [];
    try {
      this.#effects.commit(changes);
      return true;
    } catch (error) {
      this.#journal.counters.storeErrors++;
      // Whoever gets no answer asks again.
      const text = `cannot store ${changes.length} changes, answers are withheld: ${messageOf(error)}`;
      this.#journal.log('error', 'store-failed', text);
      return false;
    }
  }

  #apply(): void {
    const changes = this.#changes;
    this.#changes = [];
    this.#journal.guard('forwarding', () => this.reportForwarding(this.#effects.forward(changes)));
  }

  #forwardHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const { interface: name, mac, packets } of held) {
      this.#journal.guard('forward-held', () => {
        for (const packet of packets) this.#effects.forwardHeld(name, mac, packet);
      });
    }
  }

  #noteSessions(): void {
    const at = monotonicNanoseconds();
    for (const { mac, nai } of this.#sessions) {
      this.timeline.forwardingReady(mac, nai, at);
      this.costs.pbaToForwarding.record((at - this.#wokenNs) / 1000);
    }
    this.#sessions = [];
  }

  #send(signalling: Signalling, stored: boolean): void {
    const sends = this.#sends.filter(({ needsStore }) => stored || !needsStore);
    this.#sends = [];
    for (const { output } of sends) this.#journal.guard('send', () => signalling.queue(output));
    const at = monotonicNanoseconds();
    this.#journal.guard('send', () => signalling.flush());
    const cost = (monotonicNanoseconds() - this.#wokenNs) / 1000;
    for (const { output } of sends) {
      if (output.message.kind === 'binding-acknowledgement') this.costs.pbuToPba.record(cost);
      if (output.message.kind !== 'binding-update') continue;
      this.timeline.updateSent(output.message, at);
      if (this.#attachments > 0) this.costs.attachToPbu.record(cost);
    }
  }

  #transmit(links: AccessLinks): void {
    const frames = this.#frames;
    this.#frames = [];
    for (const { interface: name, frame } of frames) {
      this.#journal.guard('transmit', () => links.queue(name, frame));
    }
    const at = monotonicNanoseconds();
    this.#journal.guard('transmit', () => links.flush());
    for (const { frame } of frames) this.timeline.frameSent(frame, at);
  }
}

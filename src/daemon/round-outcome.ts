import { Histogram } from '#base/histogram.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { FailedChange } from '#dataplane/dataplane.ts';
import type { ForwardingChange } from '#dataplane/desired.ts';
import { keepalive } from '#dataplane/keepalive.ts';
import { monotonicMilliseconds, monotonicNanoseconds } from '#host/clock.ts';
import type { PollLoop, ReadyHandler } from '#host/poll-loop.ts';
import type { AccessOutput } from '#proto/access/events.ts';
import { EncodedAcknowledgement } from '#proto/lma/encoded-acknowledgement.ts';
import type { AccessSession, AttachedEvent, KeepAlive } from '#proto/mag/events.ts';
import type { SendOutput } from '#proto/peer.ts';
import { sentOctets } from '#proto/sent-octets.ts';
import type { StoredChange } from '#store/store.ts';
import type { BindingAcknowledgement } from '#wire/mobility/index.ts';
import type { AccessLinks } from './access-links.ts';
import { AttachTimeline } from './attach-timeline.ts';
import type { DhcpRelays } from './dhcp-relays.ts';
import type { DurableState } from './durable-state.ts';
import type { RuntimeJournal } from './runtime-journal.ts';
import { messageOf } from './runtime-journal.ts';
import type { Signalling } from './signalling.ts';
import { type Send, WaitingAnswers } from './waiting-answers.ts';

const NONE: readonly FailedChange[] = [];

/** How changes become true. */
export interface Effects {
  readonly store: Pick<
    DurableState,
    'awaited' | 'commit' | 'durable' | 'fd' | 'flushIfDue' | 'nextFlush' | 'nextGroup' | 'settle'
  >;
  /** Makes the changes true; returns what it could not do. */
  readonly forward: (changes: readonly ForwardingChange[]) => readonly FailedChange[];
  /** Sends on what waited for forwarding. */
  readonly forwardHeld: (interfaceName: string, mac: MacAddress, packet: Uint8Array) => void;
}

type HeldPackets = Pick<Extract<AccessOutput, { kind: 'forward-held' }>, 'interface' | 'mac' | 'packets'>;
type RelayedMessage = Extract<AccessOutput, { kind: 'relay' }>;

/**
 * What the machines of a node want of one round: collected first, then carried out in the order store, data plane (`establish`, once for
 * each pass over the machines), sockets (`emit`). So no answer leaves before what it promises is forwarded and durable: while the disk is at
 * work answers wait, in their order, and rounds go on (`release`). It also notes when each step of an attachment was.
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
  #stores: StoredChange[] | undefined;
  #changes: ForwardingChange[] = [];
  #sends: Send[] | undefined;
  readonly #waiting = new WaitingAnswers();
  #frames: { readonly interface: string; readonly frame: Uint8Array }[] = [];
  #held: HeldPackets[] = [];
  #relayed: RelayedMessage[] = [];
  #attachments = 0;
  /** False when something of this round could not be stored. */
  #stored = true;

  constructor(effects: Effects, journal: RuntimeJournal) {
    this.#effects = effects;
    this.#journal = journal;
  }

  /** The thread woke: what arrives from now on is timed from here. */
  begin(): void {
    this.#wokenNs = monotonicNanoseconds();
  }

  store(change: StoredChange): void {
    // An array of one takes a third of what an empty one takes that is added to.
    if (this.#stores) this.#stores.push(change);
    else this.#stores = [change];
  }

  forward(change: ForwardingChange): void {
    this.#changes.push(change);
  }

  /** With `needsStore` it waits for what is stored, and is withheld when the changes of the round cannot be. */
  send(output: SendOutput, needsStore: boolean): void {
    if (this.#sends) this.#sends.push({ output, needsStore });
    else this.#sends = [{ output, needsStore }];
  }

  transmit(frame: { readonly interface: string; readonly frame: Uint8Array }): void {
    this.#frames.push(frame);
  }

  relay(message: RelayedMessage): void {
    this.#relayed.push(message);
  }

  forwardHeld(packets: HeldPackets): void {
    this.#held.push(packets);
  }

  keepAlive({ interface: name, mac, address }: KeepAlive): void {
    this.#held.push({ interface: name, mac, packets: [keepalive(address)] });
  }

  attached(event: AttachedEvent): void {
    this.#attachments++;
    this.timeline.attached(event, this.#wokenNs);
  }

  profileAsked(mac: MacAddress): void {
    this.timeline.profileAsked(mac);
  }

  acknowledged(message: BindingAcknowledgement): void {
    this.timeline.acknowledgementReceived(message, this.#wokenNs);
  }

  /** Its forwarding is in place. */
  sessionActive({ mac, nai }: AccessSession): void {
    const at = monotonicNanoseconds();
    this.timeline.forwardingReady(mac, nai, at);
    this.costs.pbaToForwarding.record((at - this.#wokenNs) / 1000);
  }

  /**
   * Stores and forwards what was asked for up to now. Returns the bindings whose forwarding could not be set; what was to be sent on
   * its strength is withheld.
   */
  establish(): readonly FailedChange[] {
    this.#commit();
    if (this.#changes.length === 0) return NONE;
    const changes = this.#changes;
    this.#changes = [];
    const failed = this.#apply(changes);
    this.reportForwarding(failed);
    const notSet = failed.filter((failure) => changes.some((change) => sets(change, failure)));
    const anchors = new Set(notSet.filter(({ kind }) => kind === 'anchor').map(({ id }) => id));
    if (anchors.size > 0) {
      this.#sends = this.#sends?.filter(({ output: { reliesOn } }) => reliesOn === undefined || !anchors.has(reliesOn));
    }
    return notSet;
  }

  /**
   * While answers wait for the disk and the next group may not begin, only that disk is worth a round: what comes is served in one, which costs as much as some messages; unless
   * so many come that nothing is saved. What is ready; `undefined` when it is time for everything.
   */
  awaitDisk(loop: PollLoop, { servedMany }: Pick<Signalling, 'servedMany'>): readonly ReadyHandler[] | undefined {
    const { fd } = this.#effects.store;
    const until = this.#effects.store.nextGroup();
    if (fd === undefined || until === undefined || servedMany) return undefined;
    const left = until - monotonicMilliseconds();
    return left > 0 ? loop.waitFor(fd, left) : undefined;
  }

  /** Sends what is to be sent; the round is over. */
  emit(signalling: Signalling, links: AccessLinks, relays: DhcpRelays): void {
    if (this.#held.length > 0) this.#forwardHeld();
    this.#answer(signalling);
    if (this.#sends) this.#send(this.#sends, signalling);
    if (this.#frames.length > 0) this.#transmit(links);
    if (this.#relayed.length > 0) this.#relay(relays);
    this.#attachments = 0;
    this.#stored = true;
    this.timeline.endRound();
  }

  /** Goes on from what the disk has done, and sends what waited for it; with `wait`, not before nothing is left to wait for. */
  release(signalling: Signalling, wait = false): void {
    try {
      this.#effects.store.settle(this.#journal.now, wait);
    } catch (error) {
      this.#withhold(error);
    }
    this.#answer(signalling);
  }

  reportForwarding(failures: readonly FailedChange[]): void {
    for (const { kind, id, reason } of failures) {
      this.#journal.counters.forwardingErrors++;
      this.#journal.log(
        'dataplane',
        'error',
        'forwarding-failed',
        `cannot forward for ${kind} binding ${id}: ${reason}`,
        { id },
      );
    }
  }

  #commit(): void {
    const changes = this.#stores;
    if (!changes) return;
    this.#stores = undefined;
    try {
      const all = this.#effects.store.commit(changes, this.#journal.now);
      this.#waiting.note(changes, all, this.#effects.store);
    } catch (error) {
      this.#stored = false;
      this.#withhold(error);
    }
  }

  /** Whoever gets no answer asks again. */
  #withhold(error: unknown): void {
    this.#waiting.withhold(this.#effects.store);
    this.#journal.counters.storeErrors++;
    this.#journal.log('store', 'error', 'store-failed', `cannot store, answers are withheld: ${messageOf(error)}`);
  }

  /** What is in place after an error of the program is not known: none of it counts as done. */
  #apply(changes: readonly ForwardingChange[]): readonly FailedChange[] {
    const failed = this.#journal.guard('forwarding', this.#effects.forward, changes);
    return failed ?? changes.map((change) => ({ ...named(change), code: 'system', reason: 'an error of the program' }));
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

  #send(sends: Send[], signalling: Signalling): void {
    const { store } = this.#effects;
    this.#sends = undefined;
    let [later, now]: [Send[] | undefined, number] = [undefined, 0];
    for (const send of sends) {
      if ((!this.#stored && send.needsStore) || this.#waiting.mustWithhold(send, store)) continue;
      if (!this.#waiting.mustWait(send, store)) sends[now++] = send;
      else if (later) later.push(send);
      else later = [send];
    }
    if (later) this.#wait(later);
    if (now < sends.length) sends.length = now;
    if (now > 0) this.#handOver(sends, this.#wokenNs, signalling);
  }

  /** They wait as octets: the objects that an acknowledgement is made of would be moved by the collector of young objects, again and again. */
  #wait(later: readonly Send[]): void {
    const sends: Send[] = [];
    for (const send of later) this.#journal.guard('encode', pushEncoded, send, sends);
    this.#waiting.add({ group: this.#effects.store.awaited, sends, wokenNs: this.#wokenNs });
  }

  /** What waited and may leave. */
  #answer(signalling: Signalling): void {
    for (const { sends, wokenNs } of this.#waiting.take(this.#effects.store, this.#wokenNs))
      this.#handOver(sends, wokenNs, signalling);
  }

  #handOver(sends: readonly Send[], wokenNs: number, signalling: Signalling): void {
    for (const { output } of sends) this.#journal.guard('send', queue, signalling, output);
    const at = monotonicNanoseconds();
    this.#journal.guard('send', flush, signalling);
    const cost = (monotonicNanoseconds() - wokenNs) / 1000;
    for (const { output } of sends) {
      if (output.message.kind === 'binding-acknowledgement') this.costs.pbuToPba.record(cost);
      if (output.message.kind !== 'binding-update') continue;
      this.timeline.updateSent(output.message, at);
      if (this.#attachments > 0) this.costs.attachToPbu.record(cost);
    }
  }

  #relay(relays: DhcpRelays): void {
    const relayed = this.#relayed;
    this.#relayed = [];
    this.#journal.guard('relay', () => {
      for (const message of relayed) relays.queue(message);
      relays.flush();
    });
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

function queue(signalling: Signalling, output: SendOutput): void {
  signalling.queue(output);
}

function flush(signalling: Signalling): void {
  signalling.flush();
}

function pushEncoded(send: Send, to: Send[]): void {
  to.push(encoded(send));
}

function encoded(send: Send): Send {
  const { output, needsStore } = send;
  if (output.message.kind !== 'binding-acknowledgement' || output.octets) return send;
  const octets = sentOctets(output);
  const { kind, to, reliesOn } = output;
  const message = new EncodedAcknowledgement(octets);
  return { output: { kind, to, message, octets, reliesOn }, needsStore };
}

function named(change: ForwardingChange): Pick<FailedChange, 'kind' | 'id'> {
  if (change.kind === 'clear') return { kind: change.forwardingKind, id: change.id };
  return { kind: change.forwarding.kind, id: change.forwarding.id };
}

function sets(change: ForwardingChange, { kind, id }: FailedChange): boolean {
  return change.kind === 'set' && change.forwarding.kind === kind && change.forwarding.id === id;
}

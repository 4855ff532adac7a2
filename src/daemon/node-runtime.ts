import type { ClockReading, Instant } from '#base/time.ts';
import type { ForwardingChange } from '#dataplane/desired.ts';
import { monotonicNanoseconds, readClock } from '#host/clock.ts';
import { PollLoop } from '#host/poll-loop.ts';
import type { AccessEvent, AccessOutput } from '#proto/access/events.ts';
import type { LmaConfig, LmaEvent, LmaOutput } from '#proto/lma/events.ts';
import type { StoreChange } from '#proto/lma/record.ts';
import type { Machine } from '#proto/machine.ts';
import type { AccessSession, MagConfig, MagEvent, MagOutput } from '#proto/mag/events.ts';
import type { LogOutput, PeerAddress, SendOutput } from '#proto/peer.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';
import { AccessLinks } from './access-links.ts';
import type { Assembly } from './assemble.ts';
import { localAddresses } from './assemble.ts';
import { AttachTimeline } from './attach-timeline.ts';
import { Histogram } from './histogram.ts';
import type { LogLimiter } from './log-limiter.ts';
import { receiversOf } from './receivers.ts';
import { Signalling } from './signalling.ts';

/** A machine with what the operator may see of it. */
export interface VisibleMachine<Event, Output> extends Machine<Event, Output> {
  readonly stats: object;
  snapshot(): unknown;
}

export interface LmaNode {
  readonly config: LmaConfig;
  readonly machine: VisibleMachine<LmaEvent, LmaOutput>;
}

export interface MagNode {
  readonly config: MagConfig;
  readonly machine: VisibleMachine<MagEvent, MagOutput>;
  readonly access: VisibleMachine<AccessEvent, AccessOutput>;
}

export interface RuntimeParts {
  readonly assembly: Assembly;
  readonly lmas: readonly LmaNode[];
  readonly mags: readonly MagNode[];
  /** Durable on return. */
  readonly commit: (changes: readonly StoreChange[]) => void;
  /** Makes the changes true; returns what it could not do, by message. */
  readonly forward: (changes: readonly ForwardingChange[]) => readonly string[];
  /** The descriptor of the data plane's filter for packet sockets; `undefined` when it has none. */
  readonly accessFilter: () => number | undefined;
  /** Sets forwarding up anew after an access interface was replaced; returns what it could not do. */
  readonly renewForwarding: () => readonly string[];
  readonly log: LogLimiter;
}

/** Passes of letting machines tell each other things within one round; more is a fault of a machine. */
const PASS_MAXIMUM = 64;
/** The shortest wait, so that a machine whose timeout does not go away cannot make the loop spin. */
const WAIT_MINIMUM_MS = 1;
const WAIT_MAXIMUM_MS = 1000;

/**
 * Runs the machines of one node over its sockets, one round after the other:
 * wait, receive a bounded batch from each ready socket, let the machines handle everything, then carry out what they want in the order
 * store, data plane, sockets. So no answer leaves before what it promises is durable and forwarded.
 */
export class NodeRuntime {
  readonly loop = new PollLoop();
  readonly timeline = new AttachTimeline();
  readonly counters = {
    rounds: 0,
    handlerErrors: 0,
    storeErrors: 0,
    forwardingErrors: 0,
    messagesWithoutReceiver: 0,
    messagesMalformed: 0,
    signallingSendFailed: 0,
    roundsCutShort: 0,
  };
  /** Microseconds from the instant at which the thread woke for a message until its consequence was carried out. */
  readonly costs = {
    /** LMA: a PBU arrived; its PBA was handed to the kernel. */
    pbuToPba: new Histogram(),
    /** MAG: a frame showed a mobile node; its PBU was handed to the kernel. */
    attachToPbu: new Histogram(),
    /** MAG: a PBA arrived; its forwarding was in place. */
    pbaToForwarding: new Histogram(),
  };
  readonly #parts: RuntimeParts;
  readonly #signalling: Signalling;
  readonly #links: AccessLinks;
  #now: ClockReading = readClock();
  #wokenNs = monotonicNanoseconds();

  // What this round's outputs ask for.
  #stores: StoreChange[] = [];
  #changes: ForwardingChange[] = [];
  #sends: { readonly output: SendOutput; readonly needsStore: boolean }[] = [];
  #frames: { readonly interface: string; readonly frame: Uint8Array }[] = [];
  #sessions: AccessSession[] = [];
  readonly #attachedInRound = new Set<number>();

  /** Throws `SystemCallError` when an address or interface cannot be used. */
  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.#signalling = new Signalling(localAddresses(parts.assembly), this.loop, {
      message: (from, message) => this.#message(from, message),
      malformed: (from, error) => this.#malformed(from, error),
      sendFailed: (remote, code) => {
        this.counters.signallingSendFailed++;
        this.#log('warn', 'send-failed', `cannot send to ${remote}: ${code}`, { peer: remote.toString(), error: code });
      },
    });
    const names = parts.mags.flatMap(({ config }) => config.interfaces);
    try {
      this.#links = new AccessLinks(names, this.loop, parts.accessFilter, {
        frame: (name, frame) => this.#access(name, { kind: 'frame', interface: name, frame: new Uint8Array(frame) }),
        link: (name, up) => {
          this.#log('info', 'link', `access interface ${name} is ${up ? 'up' : 'down'}`, { interface: name });
          this.#access(name, { kind: 'link', interface: name, up });
        },
        replaced: (name) => this.#renewForwarding(name),
      });
    } catch (error) {
      this.#signalling.close();
      throw error;
    }
  }

  /** Waits until something happens, but never longer than a second, and does what is to be done. Never throws. */
  round(): void {
    let ready: ReturnType<PollLoop['wait']> = [];
    this.#guard('poll', () => {
      ready = this.loop.wait(this.#wait());
    });
    this.#wokenNs = monotonicNanoseconds();
    this.#now = readClock();
    for (const handler of ready) this.#guard('receive', handler);
    this.settle();
  }

  /** Lets due timers fire and carries out what the machines want; for after events from outside the loop. */
  settle(): void {
    this.counters.rounds++;
    for (const { machine } of this.#parts.lmas) this.#timeout(machine);
    for (const { machine, access } of this.#parts.mags) {
      this.#timeout(machine);
      this.#timeout(access);
    }
    this.#drainAll();
    this.#carryOut();
    this.#parts.log.tick(this.#now.instant);
  }

  /** Tells every machine the operator's wish; carried out by the next `settle`. */
  clearBindings(nai: string | undefined): void {
    this.#now = readClock();
    const event = { kind: 'clear-bindings', ...(nai !== undefined && { nai }) } as const;
    for (const { machine } of [...this.#parts.lmas, ...this.#parts.mags]) {
      this.#guard('clear-bindings', () => machine.handle(event, this.#now));
    }
  }

  /** Brings the machines' idea of the time up to date, for `snapshot`. */
  refreshClock(): void {
    this.#now = readClock();
    for (const { machine } of [...this.#parts.lmas, ...this.#parts.mags]) {
      this.#guard('timeout', () => machine.handle({ kind: 'timeout' }, this.#now));
    }
  }

  socketSnapshot(): Record<string, unknown> {
    return {
      signalling: this.#signalling.snapshot(),
      udp: { ...this.#signalling.udp },
      unsendable: this.#signalling.unsendable,
      access: this.#links.snapshot(),
      framesNotSent: this.#links.notSent,
    };
  }

  close(): void {
    this.#signalling.close();
    this.#links.close();
  }

  #wait(): number {
    const now = readClock().instant;
    let soonest: number = now + WAIT_MAXIMUM_MS;
    const consider = (at: Instant | undefined) => {
      if (at !== undefined && at < soonest) soonest = at;
    };
    for (const { machine } of this.#parts.lmas) consider(machine.nextTimeout());
    for (const { machine, access } of this.#parts.mags) {
      consider(machine.nextTimeout());
      consider(access.nextTimeout());
    }
    return Math.max(WAIT_MINIMUM_MS, soonest - now);
  }

  #timeout<E, O>(machine: Machine<E | { readonly kind: 'timeout' }, O>): void {
    const at = machine.nextTimeout();
    if (at !== undefined && at <= this.#now.instant) {
      this.#guard('timeout', () => machine.handle({ kind: 'timeout' }, this.#now));
    }
  }

  #message(from: PeerAddress, message: MobilityMessage): void {
    if (message.kind === 'binding-acknowledgement') this.timeline.acknowledgementReceived(message, this.#wokenNs);
    const receivers = receiversOf(this.#parts, from.local, message);
    if (receivers.length === 0) this.counters.messagesWithoutReceiver++;
    for (const { machine } of receivers) {
      this.#guard(message.kind, () => machine.handle({ kind: 'message', from, message }, this.#now));
    }
  }

  #malformed(from: PeerAddress, error: Extract<LmaEvent, { kind: 'malformed' }>['error']): void {
    this.counters.messagesMalformed++;
    const peer = from.remote.toString();
    const text = `malformed Mobility Header from ${peer}: ${error.field}: ${error.rule}`;
    this.#log('debug', 'malformed-message', text, { peer, offset: error.offset, code: error.code });
    for (const { machine } of receiversOf(this.#parts, from.local)) {
      this.#guard('malformed', () => machine.handle({ kind: 'malformed', from, error }, this.#now));
    }
  }

  #access(name: string, event: AccessEvent): void {
    const node = this.#parts.mags.find(({ config }) => config.interfaces.some((one) => one.name === name));
    if (node) this.#guard(event.kind, () => node.access.handle(event, this.#now));
  }

  /** Lets the machines hear each other until none has anything more to say. */
  #drainAll(): void {
    for (let pass = 0; pass < PASS_MAXIMUM; pass++) {
      let outputs = 0;
      for (const node of this.#parts.mags) {
        for (const output of this.#drain(node.access)) {
          outputs++;
          this.#accessOutput(node, output);
        }
        for (const output of this.#drain(node.machine)) {
          outputs++;
          this.#magOutput(node, output);
        }
      }
      for (const { machine } of this.#parts.lmas) {
        for (const output of this.#drain(machine)) {
          outputs++;
          this.#lmaOutput(output);
        }
      }
      if (outputs === 0) return;
    }
    this.counters.roundsCutShort++;
  }

  #drain<O>(machine: { drain(): O[] }): O[] {
    let outputs: O[] = [];
    this.#guard('drain', () => {
      outputs = machine.drain();
    });
    return outputs;
  }

  #accessOutput(node: MagNode, output: AccessOutput): void {
    if (output.kind === 'log') this.#parts.log.log(output, this.#now.instant);
    else if (output.kind === 'transmit') this.#frames.push(output);
    else {
      if (output.kind === 'attached') {
        this.timeline.attached(output, this.#wokenNs);
        this.#attachedInRound.add(output.mac.key);
      }
      this.#guard(output.kind, () => node.machine.handle(output, this.#now));
    }
  }

  #magOutput(node: MagNode, output: MagOutput): void {
    if (output.kind === 'log') this.#parts.log.log(output, this.#now.instant);
    else if (output.kind === 'forward') this.#changes.push(output.change);
    else if (output.kind === 'send') this.#sends.push({ output, needsStore: false });
    else {
      if (output.change.kind === 'session-active') this.#sessions.push(output.change.session);
      this.#guard('session', () => node.access.handle({ kind: 'session', change: output.change }, this.#now));
    }
  }

  #lmaOutput(output: LmaOutput): void {
    if (output.kind === 'log') this.#parts.log.log(output, this.#now.instant);
    else if (output.kind === 'forward') this.#changes.push(output.change);
    else if (output.kind === 'store') this.#stores.push(output.change);
    else this.#sends.push({ output, needsStore: true });
  }

  /** In the order store, data plane, sockets. */
  #carryOut(): void {
    const stored = this.#commit();
    this.#forward();
    if (this.#sends.length > 0) this.#send(stored);
    if (this.#frames.length > 0) this.#transmit();
    this.#attachedInRound.clear();
    this.timeline.endRound();
  }

  #commit(): boolean {
    if (this.#stores.length === 0) return true;
    const changes = this.#stores;
    this.#stores = [];
    try {
      this.#parts.commit(changes);
      return true;
    } catch (error) {
      this.counters.storeErrors++;
      // Whoever gets no answer asks again.
      this.#log(
        'error',
        'store-failed',
        `cannot store ${changes.length} changes, answers are withheld: ${text(error)}`,
        {},
      );
      return false;
    }
  }

  #forward(): void {
    if (this.#changes.length > 0) {
      const changes = this.#changes;
      this.#changes = [];
      this.#guard('forwarding', () => {
        this.#reportForwarding(this.#parts.forward(changes));
      });
    }
    if (this.#sessions.length === 0) return;
    const at = monotonicNanoseconds();
    for (const { mac, nai } of this.#sessions) {
      this.timeline.forwardingReady(mac, nai, at);
      this.costs.pbaToForwarding.record((at - this.#wokenNs) / 1000);
    }
    this.#sessions = [];
  }

  #renewForwarding(name: string): void {
    const text = `access interface ${name} was replaced by another of its name; forwarding is set up anew`;
    this.#log('warn', 'link-replaced', text, { interface: name });
    this.#guard('forwarding', () => this.#reportForwarding(this.#parts.renewForwarding()));
  }

  #reportForwarding(failures: readonly string[]): void {
    for (const failure of failures) {
      this.counters.forwardingErrors++;
      this.#log('error', 'forwarding-failed', failure, {});
    }
  }

  #send(stored: boolean): void {
    const sends = this.#sends;
    this.#sends = [];
    for (const { output, needsStore } of sends) {
      if (stored || !needsStore) this.#guard('send', () => this.#signalling.queue(output));
    }
    const at = monotonicNanoseconds();
    this.#guard('send', () => this.#signalling.flush());
    const cost = (monotonicNanoseconds() - this.#wokenNs) / 1000;
    for (const { output } of sends) {
      if (output.message.kind === 'binding-acknowledgement') this.costs.pbuToPba.record(cost);
      if (output.message.kind !== 'binding-update') continue;
      this.timeline.updateSent(output.message, at);
      if (this.#attachedInRound.size > 0) this.costs.attachToPbu.record(cost);
    }
  }

  #transmit(): void {
    const frames = this.#frames;
    this.#frames = [];
    for (const { interface: name, frame } of frames) this.#guard('transmit', () => this.#links.queue(name, frame));
    const at = monotonicNanoseconds();
    this.#guard('transmit', () => this.#links.flush());
    for (const { frame } of frames) this.timeline.frameSent(frame, at);
  }

  /** An error in one step is an error of ours: told and counted, and the node goes on. */
  #guard(step: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.counters.handlerErrors++;
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#log('error', `failed-${step}`, `error of the program in ${step}: ${text(error)}`, { stack });
    }
  }

  #log(level: LogOutput['level'], code: string, message: string, fields: LogOutput['fields']): void {
    this.#parts.log.log({ kind: 'log', level, code, text: message, fields }, this.#now.instant);
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

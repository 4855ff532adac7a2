import type { IpAddress } from '#base/ip-address.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { type ClockReading, earliest } from '#base/time.ts';
import type { LogFacility } from '#config/index.ts';
import type { FailedChange } from '#dataplane/dataplane.ts';
import { monotonicMilliseconds, readClock } from '#host/clock.ts';
import { PollLoop, type ReadyHandler } from '#host/poll-loop.ts';
import type { AccessEvent, AccessOutput } from '#proto/access/events.ts';
import type { AuthorizationEvent, LmaConfig, LmaEvent, LmaOutput } from '#proto/lma/events.ts';
import type { StoreChange } from '#proto/lma/record.ts';
import type { Machine } from '#proto/machine.ts';
import type { MagEvent, MagOutput, SessionChange } from '#proto/mag/events.ts';
import type { LogOutput, MessageEvent, PeerAddress } from '#proto/peer.ts';
import { changedId } from '#proto/record-change.ts';
import { bindingChange, sessionChange } from '#store/records.ts';
import type { MobilityMessage } from '#wire/mobility/index.ts';
import { AccessLinks } from './access-links.ts';
import { AccessPoints } from './access-points.ts';
import type { Assembly } from './assemble.ts';
import type { SignallingAddress } from './assemble-signalling.ts';
import { Captures } from './capture/captures.ts';
import type { Role } from './debug/mobility-lines.ts';
import { Tracer } from './debug/tracer.ts';
import { DhcpRelays } from './dhcp-relays.ts';
import { attachedEvent, sessionEvent } from './observe/access-events.ts';
import { BindingJournal } from './observe/binding-journal.ts';
import { lmaKey, magKey } from './observe/binding-key.ts';
import { isRenewal, type Receiver, receiversOf } from './receivers.ts';
import { RoundOutcome } from './round-outcome.ts';
import { RuntimeJournal } from './runtime-journal.ts';
import type { LmaNode, MagNode, RuntimeParts } from './runtime-parts.ts';
import { Signalling } from './signalling.ts';

interface SessionOutput {
  readonly node: MagNode;
  readonly change: SessionChange;
}

const NOT_READY: readonly ReadyHandler[] = [];
/** Passes of letting machines tell each other things within one round; more is a fault of a machine. */
const PASS_MAXIMUM = 64;
/** The shortest wait, so that a machine whose timeout does not go away cannot make the loop spin. */
const WAIT_MINIMUM_MS = 1;
const WAIT_MAXIMUM_MS = 1000;

/**
 * Runs the machines of one node over its sockets, one round after the other:
 * wait, receive what waits at each ready socket up to a limit, let the machines handle it, signalling of each peer in turn, then carry out
 * what they want.
 */
export class NodeRuntime {
  readonly loop = new PollLoop();
  readonly journal: RuntimeJournal;
  readonly outcome: RoundOutcome;
  /** What is told of this node while it is debugged. */
  readonly tracer = new Tracer();
  readonly captures = new Captures(this.loop);
  /** Which bindings have changed, for whoever keeps an index. */
  readonly bindings = new BindingJournal();
  readonly #parts: RuntimeParts;
  readonly #signalling: Signalling;
  readonly links: AccessLinks;
  readonly #relays: DhcpRelays;
  readonly #accessPoints: AccessPoints;

  /** Throws `SystemCallError` when an address or interface cannot be used. */
  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.journal = new RuntimeJournal(parts.log);
    this.outcome = new RoundOutcome(parts, this.journal);
    this.#signalling = new Signalling(parts.assembly.signalling, this.loop, {
      now: () => this.journal.now.instant,
      renewed: (from, octets) => this.#renewed(from, octets),
      message: (from, message, octets, waited) => this.#message({ kind: 'message', from, message, octets, waited }),
      malformed: (from, error) => this.#malformed(from, error),
      passed: (direction, peer, octets, message) => {
        if (message && this.journal.recorder.on) this.#recordMessage(direction, peer, message, octets);
        if (this.captures.active) this.captures.add(this.journal.now.utc, direction, peer, octets);
        if (this.tracer.listens) this.#tracePacket(direction, peer, octets);
      },
      sendFailed: (remote, code) => {
        this.journal.counters.signallingSendFailed++;
        this.#sendFailed(remote, code);
      },
      flooded: ({ source, dropped }) => {
        const text = `${dropped} signalling messages were dropped: more came than can be served, most of them from ${source}`;
        this.journal.log('signalling', 'warn', 'signalling-flood', text, { peer: source, dropped });
      },
    });
    const names = parts.mags.flatMap(({ config }) => config.interfaces);
    try {
      this.links = new AccessLinks(names, this.loop, parts.accessFilter, {
        frame: (name, frame) => {
          this.#record((now) => this.journal.recorder.frame('received', name, frame, now));
          if (this.tracer.listens) this.#trace((now) => this.tracer.frame('received', name, frame, now));
          this.tellAccess(name, { kind: 'frame', interface: name, frame: new Uint8Array(frame) });
        },
        link: (name, up) => {
          const text = `access interface ${name} is ${up ? 'up' : 'down'}`;
          this.journal.log('access', 'info', 'link', text, { interface: name });
          this.tellAccess(name, { kind: 'link', interface: name, up });
          if (up) this.#accessPoints.list(name);
        },
        mtu: (name, mtu) => this.tellAccess(name, { kind: 'link-mtu', interface: name, mtu }),
        replaced: (name) => this.#renewForwarding(name),
      });
    } catch (error) {
      this.#signalling.close();
      throw error;
    }
    this.#relays = new DhcpRelays(this.loop, {
      message: (local, server, payload) => this.#relayed(local, server, new Uint8Array(payload)),
      sendFailed: (server, code) => this.#sendFailed(server, code),
      unusable: (local, { code, message }) => {
        const text = `DHCP cannot be relayed from ${local}: ${message}`;
        this.journal.log('access', 'error', 'relay-failed', text, { address: local.toString(), error: code });
      },
    });
    this.#relays.configure(parts.assembly.mags.map(({ access }) => access));
    this.#accessPoints = this.#newAccessPoints(parts.socketPrefix);
    const { fd } = parts.store;
    if (fd !== undefined) this.loop.watch(fd, () => this.outcome.release(this.#signalling));
    this.#configureAccessPoints(parts.assembly);
  }

  /** Waits until something happens, but never longer than a second, and not at all when `busy`, and does what is to be done. Never throws. */
  round(busy = false): void {
    const ready = this.journal.guard('poll', this.#poll, busy) ?? NOT_READY;
    this.outcome.begin();
    this.journal.now = readClock();
    if (this.tracer.begin(this.journal.now)) this.debug();
    for (const handler of ready) this.journal.guard('receive', handler);
    this.journal.guard('serve', this.#serve);
    this.settle();
  }

  readonly #poll = (busy: boolean) =>
    busy || this.#signalling.waiting
      ? this.loop.wait(0)
      : (this.outcome.awaitDisk(this.loop, this.#signalling) ?? this.loop.wait(this.#wait()));
  readonly #serve = () => this.#signalling.serve(this.journal.now.instant);
  readonly #expireAccessPoints = () => this.#accessPoints.expire();
  readonly #expireAaa = () => this.#parts.aaa.expire(this.journal.now);
  readonly #flush = () => this.#parts.store.flushIfDue(this.journal.now);

  /** Lets due timers fire and carries out what the machines want; for after events from outside the loop. */
  settle(): void {
    for (const { machine } of this.#parts.lmas) this.#timeout(machine);
    for (const { machine, access } of this.#parts.mags) {
      this.#timeout(machine);
      this.#timeout(access);
    }
    this.journal.guard('timeout', this.#expireAccessPoints);
    this.journal.guard('timeout', this.#expireAaa);
    this.#drainAll();
    this.outcome.emit(this.#signalling, this.links, this.#relays);
    this.journal.guard('store', this.#flush);
    this.journal.endRound();
  }

  /** Opens sockets for the addresses that have none. Throws `SystemCallError`, and then none was opened. */
  addAddresses(addresses: readonly SignallingAddress[]): void {
    this.#signalling.add(addresses);
  }

  /** The machines in the parts, and what they run with, have changed: carries on with that. */
  configured(assembly: Assembly): void {
    this.links.configure(assembly.mags.flatMap(({ mag }) => mag.interfaces));
    this.#relays.configure(assembly.mags.map(({ access }) => access));
    this.#configureAccessPoints(assembly);
    this.debug();
    this.settle();
    this.#signalling.configure(assembly.signalling);
  }

  reportForwarding(failures: readonly FailedChange[]): void {
    this.outcome.reportForwarding(failures);
    this.#tellFailures(failures);
  }

  /** Tells machines the operator's wish; carried out by the next `settle`. */
  tellNodes(
    nodes: readonly Pick<LmaNode | MagNode, 'machine'>[],
    event: Extract<LmaEvent, { kind: 'clear-bindings' }>,
  ): void {
    this.journal.now = readClock();
    for (const { machine } of nodes) this.journal.guard(event.kind, () => machine.handle(event, this.journal.now));
  }

  /** The tracer's switches have changed, or the machines: has them tell what is wanted. */
  debug(): void {
    const event = { kind: 'debug', on: this.tracer.wantsTransitions } as const;
    this.tracer.noteObserving(event.on);
    this.journal.now = readClock();
    for (const { machine } of this.#parts.lmas) machine.handle(event, this.journal.now);
    for (const { machine } of this.#parts.mags) machine.handle(event, this.journal.now);
  }

  /** Tells the machine of an access interface; carried out by the next `settle`. */
  tellAccess(name: string, event: AccessEvent): void {
    const node = this.#parts.mags.find(({ config }) => config.interfaces.some((one) => one.name === name));
    if (node) this.journal.guard(event.kind, () => node.access.handle(event, this.journal.now));
  }

  /** What an AAA server says of a mobile node; carried out by the next `settle`. */
  tellMag(mag: string, event: Extract<MagEvent, { kind: 'profile' | 'change' }>): void {
    this.journal.now = readClock();
    const node = this.#parts.mags.find(({ config }) => config.name === mag);
    if (node) this.journal.guard(event.kind, () => node.machine.handle(event, this.journal.now));
  }

  /** What an AAA server says of a mobile node; carried out by the next `settle`. */
  tellLma(lma: string, event: AuthorizationEvent | Extract<LmaEvent, { kind: 'change' }>): void {
    this.journal.now = readClock();
    const node = this.#parts.lmas.find(({ config }) => config.name === lma);
    if (node) this.journal.guard(event.kind, () => node.machine.handle(event, this.journal.now));
  }

  /** The MAGs take leave; carried out by the next `settle`. */
  stopGateways(): void {
    this.journal.now = readClock();
    for (const { machine } of this.#parts.mags) {
      this.journal.guard('stopping', () => machine.handle({ kind: 'stopping' }, this.journal.now));
    }
  }

  /** Brings the machines' idea of the time up to date, for `snapshot`. */
  refreshClock(): void {
    this.journal.now = readClock();
    const { lmas, mags } = this.#parts;
    for (const machine of [...[...lmas, ...mags].map((node) => node.machine), ...mags.map(({ access }) => access)]) {
      this.journal.guard('timeout', () => machine.handle({ kind: 'timeout' }, this.journal.now));
    }
  }

  socketSnapshot(): Record<string, unknown> {
    return {
      ...this.#signalling.snapshot(),
      access: this.links.snapshot(),
      relays: this.#relays.snapshot(),
      framesNotSent: this.links.notSent,
      accessPoints: this.#accessPoints.snapshot(),
    };
  }

  close(): void {
    this.journal.guard('store', () => this.outcome.release(this.#signalling, true));
    this.captures.close();
    this.#signalling.close();
    this.links.close();
    this.#relays.close();
    this.#accessPoints.close();
  }

  #newAccessPoints(socketPrefix: string): AccessPoints {
    return new AccessPoints(`${socketPrefix}.hostapd`, this.loop, () => this.journal.now, {
      association: ({ interface: name, path }, change, mac) => {
        if (this.tracer.listens) this.#trace((now) => this.tracer.association(name, change, mac, now));
        const accessPoint = { source: 'hostapd', name: path } as const;
        this.tellAccess(name, { kind: 'association', interface: name, accessPoint, change, mac });
      },
      watched: (name, watched) => this.tellAccess(name, { kind: 'watched', interface: name, watched }),
      log: (entry) => this.journal.entry('access', entry),
    });
  }

  #configureAccessPoints(assembly: Assembly): void {
    this.#accessPoints.configure(assembly.mags.flatMap(({ accessPoints }) => accessPoints));
  }

  /** Milliseconds. */
  #wait(): number {
    const now = monotonicMilliseconds();
    const flush = this.#parts.store.nextFlush();
    if (flush !== undefined && flush <= now) return 0;
    let soonest = earliest(this.#accessPoints.nextTimeout(), flush);
    soonest = earliest(soonest, this.#parts.aaa.nextTimeout());
    for (const { machine } of this.#parts.lmas) soonest = earliest(soonest, machine.nextTimeout());
    for (const { machine, access } of this.#parts.mags) {
      soonest = earliest(soonest, machine.nextTimeout());
      soonest = earliest(soonest, access.nextTimeout());
    }
    return soonest === undefined
      ? WAIT_MAXIMUM_MS
      : Math.max(WAIT_MINIMUM_MS, Math.min(WAIT_MAXIMUM_MS, soonest - now));
  }

  #timeout<E, O>(machine: Machine<E | { readonly kind: 'timeout' }, O>): void {
    const at = machine.nextTimeout();
    if (at !== undefined && at <= this.journal.now.instant) {
      this.journal.guard('timeout', () => machine.handle({ kind: 'timeout' }, this.journal.now));
    }
  }

  /** Who is told of messages is told of decoded ones. */
  #renewed(from: PeerAddress, octets: Uint8Array): boolean {
    if (this.tracer.listens || this.journal.recorder.on) return false;
    return this.journal.guard('renewal', this.#renew, from, octets) ?? false;
  }

  readonly #renew = (from: PeerAddress, octets: Uint8Array) =>
    isRenewal(this.#parts.lmas, from, octets, this.journal.now);

  #message(event: MessageEvent): void {
    const { from, message, octets } = event;
    if (octets && this.journal.recorder.on) this.#recordMessage('received', from, message, octets);
    if (message.kind === 'binding-acknowledgement') this.outcome.acknowledged(message);
    const receivers = receiversOf(this.#parts, from.local, message);
    if (receivers.length === 0) this.journal.counters.messagesWithoutReceiver++;
    for (const { machine, config } of receivers) {
      if (this.tracer.listens) this.#traceReceived('pools' in config ? 'LMA' : 'MAG', from, message);
      this.journal.guard(message.kind, this.#handle, machine, event);
    }
  }

  readonly #handle = (machine: Receiver['machine'], event: MessageEvent) => machine.handle(event, this.journal.now);

  #malformed(from: PeerAddress, error: Extract<LmaEvent, { kind: 'malformed' }>['error']): void {
    this.journal.counters.messagesMalformed++;
    const { code, offset, field, rule } = error;
    const peer = `${from.remote}`;
    const text = `malformed Mobility Header from ${peer}: ${field}: ${rule}`;
    this.journal.log('signalling', 'debug', 'malformed-message', text, { peer, offset, error: code });
    for (const { machine } of receiversOf(this.#parts, from.local)) {
      this.journal.guard('malformed', () => machine.handle({ kind: 'malformed', from, error }, this.journal.now));
    }
  }

  #sendFailed(remote: IpAddress, code: string): void {
    const fields = { peer: remote.toString(), error: code };
    this.journal.log('signalling', 'warn', 'send-failed', `cannot send to ${remote}: ${code}`, fields);
  }

  #relayed(local: Ipv4Address, server: Ipv4Address, payload: Uint8Array): void {
    const event = { kind: 'relayed', local, server, payload } as const;
    for (const { access } of this.#parts.mags)
      this.journal.guard(event.kind, () => access.handle(event, this.journal.now));
  }

  /**
   * Lets the machines hear each other until none has anything more to say. After each pass what they want is stored and forwarded, and
   * the access links hear of a session only then: they answer mobile nodes. LMAs hear of nothing but what could not be forwarded.
   */
  #drainAll(): void {
    for (let pass = 0; pass < PASS_MAXIMUM; pass++) {
      this.#tellPathMtus();
      const sessions = this.#drainMags();
      for (const { machine, config } of this.#parts.lmas)
        for (const output of this.#drain(machine)) this.#lmaOutput(config, output);
      const failures = this.outcome.establish();
      if (!sessions && failures.length === 0) return;
      this.#tellFailures(failures);
      for (const session of sessions ?? []) this.#changeSession(session, failures);
    }
    this.journal.counters.roundsCutShort++;
  }

  /** What becomes of sessions; `undefined` when nothing was wanted. */
  #drainMags(): SessionOutput[] | undefined {
    let sessions: SessionOutput[] | undefined;
    for (const node of this.#parts.mags) {
      for (const output of this.#drain(node.access)) {
        sessions ??= [];
        this.#accessOutput(node, output);
      }
      for (const output of this.#drain(node.machine)) {
        sessions ??= [];
        if (output.kind === 'session') sessions.push({ node, change: output.change });
        else this.#magOutput(node, output);
      }
    }
    return sessions;
  }

  #drain<O>(machine: { drain(): readonly O[] }): readonly O[] {
    return this.journal.guard('drain', drained<O>, machine) ?? [];
  }

  #accessOutput(node: MagNode, output: AccessOutput): void {
    if (this.tracer.listens) this.#trace((now) => this.tracer.accessOutput(output, now));
    if (output.kind === 'log') this.#log('access', output, node.config.name);
    else if (output.kind === 'transmit') {
      this.#record((now) => this.journal.recorder.frame('sent', output.interface, output.frame, now));
      this.outcome.transmit(output);
    } else if (output.kind === 'relay') this.outcome.relay(output);
    else if (output.kind === 'forward-held') this.outcome.forwardHeld(output);
    else {
      if (output.kind === 'attached') {
        this.outcome.attached(output);
        this.journal.event(node.config.name, attachedEvent(output));
      }
      this.journal.guard(output.kind, () => node.machine.handle(output, this.journal.now));
    }
  }

  #magOutput(node: MagNode, output: Exclude<MagOutput, { kind: 'session' }>): void {
    if (this.tracer.listens) this.journal.guard('debug', this.#traceMag, output);
    if (output.kind === 'profile-request') this.outcome.profileAsked(output.mac);
    if (output.kind === 'log') this.#log('mag', output, node.config.name);
    else if (output.kind === 'ask-presence') {
      this.journal.guard(output.kind, () => node.access.handle(output, this.journal.now));
    } else if (output.kind === 'forward') {
      const { change } = output;
      if (this.bindings.active)
        this.bindings.note(magKey(node.config.name, change.kind === 'set' ? change.forwarding.id : change.id));
      this.outcome.forward(change);
    } else if (output.kind === 'store') this.outcome.store(sessionChange(output.change));
    else if (output.kind === 'send') this.outcome.send(output, false);
    else if (output.kind === 'keep-alive') this.outcome.keepAlive(output);
    else this.#parts.aaa.askProfile(node.config, output);
  }

  /** A session without forwarding does not begin: its machine was told, and says what becomes of it. */
  #changeSession({ node, change }: SessionOutput, failures: readonly FailedChange[]): void {
    if (change.kind === 'session-active') {
      const id = change.session.mac.toString();
      if (failures.some((failure) => failure.kind === 'access' && failure.id === id)) return;
      this.outcome.sessionActive(change.session);
    }
    if (this.tracer.listens) this.#trace((now) => this.tracer.session(change, now));
    this.journal.event(node.config.name, sessionEvent(change));
    this.journal.guard('session', () => node.access.handle({ kind: 'session', change }, this.journal.now));
  }

  #tellPathMtus(): void {
    for (const { remote, mtu } of this.#parts.takePathMtus()) {
      const event = { kind: 'path-mtu', remote, mtu } as const;
      for (const { machine } of this.#parts.mags)
        this.journal.guard(event.kind, () => machine.handle(event, this.journal.now));
    }
  }

  #tellFailures(failures: readonly FailedChange[]): void {
    for (const { kind, id, reason } of failures) {
      const event = { kind: 'forwarding-failed', id, reason } as const;
      for (const { machine } of kind === 'anchor' ? this.#parts.lmas : this.#parts.mags)
        this.journal.guard(event.kind, () => machine.handle(event, this.journal.now));
    }
  }

  #lmaOutput(lma: LmaConfig, output: LmaOutput): void {
    if (this.tracer.listens) this.journal.guard('debug', this.#traceLma, output);
    if (output.kind === 'log') this.#log('lma', output, lma.name);
    else if (output.kind === 'forward') this.outcome.forward(output.change);
    else if (output.kind === 'authorize' || output.kind === 'authorize-cancel') {
      this.#parts.aaa.askAuthorization(lma, output);
    } else if (output.kind === 'store') {
      const { change } = output;
      if (this.bindings.active) this.bindings.note(lmaKey(changedId(change)));
      this.outcome.store(bindingChange(change));
      this.journal.guard('accounting', this.#account, change);
    } else this.outcome.send(output, output.message.kind !== 'heartbeat');
  }

  readonly #account = (change: StoreChange) => this.#parts.aaa.bindingChanged(change, this.journal.now);

  /** Transitions are told by the tracer. */
  #log(facility: LogFacility, output: LogOutput, node: string): void {
    if (output.code !== 'transition') this.journal.entry(facility, output, node);
  }

  // Of every message: where a function may be made, what it notes takes memory, whether anybody watches or not. So it is made in here.
  #recordMessage(
    direction: 'received' | 'sent',
    peer: PeerAddress,
    message: MobilityMessage,
    octets: Uint8Array,
  ): void {
    this.#record((now) => this.journal.recorder.message(direction, peer, message, octets, now));
  }

  #tracePacket(direction: 'received' | 'sent', peer: PeerAddress, octets: Uint8Array): void {
    this.#trace((now) => this.tracer.packet(direction, peer, octets, now));
  }

  #traceReceived(role: Role, from: PeerAddress, message: MobilityMessage): void {
    this.#trace((now) => this.tracer.received(role, from, message, now));
  }

  readonly #traceLma = (output: LmaOutput) => this.tracer.output('LMA', output, this.journal.now);
  readonly #traceMag = (output: MagOutput) => this.tracer.output('MAG', output, this.journal.now);

  #record(tell: (now: ClockReading) => void): void {
    if (this.journal.recorder.on) this.journal.guard('record', () => tell(this.journal.now));
  }

  #trace(tell: (now: ClockReading) => void): void {
    this.journal.guard('debug', () => tell(this.journal.now));
  }

  #renewForwarding(name: string): void {
    const text = `access interface ${name} was replaced by another of its name; forwarding is set up anew`;
    this.journal.log('access', 'warn', 'link-replaced', text, { interface: name });
    this.journal.guard('forwarding', () => this.reportForwarding(this.#parts.renewForwarding()));
  }
}

function drained<O>(machine: { drain(): readonly O[] }): readonly O[] {
  return machine.drain();
}

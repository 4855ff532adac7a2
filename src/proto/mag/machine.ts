import type { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { type ClockReading, earliest, type Instant } from '#base/time.ts';
import type { AuthorizationChange } from '../aaa/authorization-change.ts';
import type { HeartbeatRow, HeartbeatStats } from '../heartbeat/index.ts';
import type { Machine } from '../machine.ts';
import type { PeerMessagesRow } from '../peer-messages.ts';
import type { SessionPath } from '../tunnel-path.ts';
import { Attachment } from './attachment.ts';
import { type ChangeObstacle, changeAuthorization, obstacleTo } from './authorization-change.ts';
import { endAll, revocationTimers } from './bulk-revocation.ts';
import { MagContext } from './context.ts';
import type { MagConfig, MagEvent, MagOutput } from './events.ts';
import { configurePaths, pathTimers } from './lma-paths.ts';
import { receiveMalformed, receiveMessage } from './messages.ts';
import { natTimers } from './nat-keepalive.ts';
import { extendWhenPresent, provedAbsent } from './presence.ts';
import { keepLease } from './records.ts';
import { deregister, forwardingFailed, retransmit, transmit } from './registration.ts';
import { announceResized, resizePath } from './resize.ts';
import { restoreSessions } from './restoration.ts';
import { candidates, isSelected, type MagBindingSelection } from './selection.ts';
import { bindingForwarded, dropBinding, endSession } from './session.ts';
import { sessionTimedOut } from './session-timeout.ts';
import { bindingRow, type MagBindingRow } from './snapshot.ts';
import type { Binding, MagTimeout } from './state.ts';
import type { MagStats } from './stats.ts';

/**
 * The mobile access gateway of RFC 5213 §6 "Mobile Access Gateway Operation".
 *
 * States of a binding: INIT → ACTIVE ⇄ REFRESH_PENDING, and from each of them DISCONNECTING → gone. It is told of attachments, of
 * messages of its LMAs and of time; it asks whether a node is still there, and answers with messages, forwarding to be true, and sessions for the access link to serve,
 * in the order in which they must happen: forwarding before session, session before acknowledgement.
 */
export class MagMachine implements Machine<MagEvent, MagOutput> {
  readonly #mag: MagContext;
  readonly #attachment: Attachment;

  /** `restartCounter`: RFC 5847 §3.2 "Restart Detection"; one more than in the last run. */
  constructor(config: MagConfig, random: Random, restartCounter = 1) {
    this.#mag = new MagContext(config, random, restartCounter);
    this.#attachment = new Attachment(this.#mag);
  }

  get stats(): Readonly<MagStats> {
    return this.#mag.stats;
  }

  handle(event: MagEvent, now: ClockReading): void {
    const mag = this.#mag;
    mag.now = now;
    mag.event = event;
    this.#dispatch(event, now);
    for (const gone of mag.successors.splice(0)) this.#attachment.succeed(gone);
  }

  /** What keeps a session from being changed so; `undefined`: nothing. */
  obstacleTo(mac: MacAddress, change: AuthorizationChange): ChangeObstacle | undefined {
    return obstacleTo(this.#mag, this.#mag.bindings.get(mac), change);
  }

  #dispatch(event: MagEvent, now: ClockReading): void {
    const mag = this.#mag;
    switch (event.kind) {
      case 'attached':
        this.#attachment.attached(event);
        return;
      case 'detached':
        this.#attachment.detached(event);
        return;
      case 'heard':
        this.#attachment.heard(event);
        return;
      case 'leased': {
        const binding = mag.bindings.get(event.mac);
        if (binding) keepLease(mag, binding, event.lease);
        return;
      }
      case 'link-down':
        this.#attachment.abandon((name) => name === event.interface);
        this.#deregisterAll((binding) => binding.interface.name === event.interface, 'departed');
        return;
      case 'message':
        receiveMessage(mag, event);
        return;
      case 'malformed':
        receiveMalformed(mag, event.from, event.error);
        return;
      case 'timeout':
        for (const timeout of mag.timers.expire(now.instant)) this.#expire(timeout);
        revocationTimers(mag);
        pathTimers(mag);
        announceResized(mag);
        natTimers(mag);
        return;
      case 'profile':
        this.#attachment.profiled(event);
        return;
      case 'change': {
        const binding = mag.bindings.get(event.mac);
        if (binding && binding.state !== 'DISCONNECTING') changeAuthorization(mag, binding, event.change);
        return;
      }
      case 'forwarding-failed':
        forwardingFailed(mag, event.id, event.reason);
        return;
      case 'path-mtu':
        resizePath(mag, event.remote, event.mtu);
        return;
      case 'clear-bindings':
        this.#clear(event);
        return;
      case 'stopping':
        this.#stop();
        return;
      case 'debug':
        mag.debugging = event.on;
        return;
      case 'configure':
        this.#configure(event.config);
        return;
      case 'restored':
        restoreSessions(mag, event.records, event.gap);
        return;
    }
  }

  drain(): MagOutput[] {
    return this.#mag.drain();
  }

  nextTimeout(): Instant | undefined {
    const { timers, heartbeats, reRegistrations, resized, revocations, natPaths } = this.#mag;
    let first = earliest(timers.next(), heartbeats.nextTimeout());
    first = earliest(first, reRegistrations.next());
    first = earliest(first, resized.next());
    first = earliest(first, revocations.next());
    return earliest(first, natPaths.next());
  }

  get heartbeatStats(): Readonly<HeartbeatStats> {
    return this.#mag.heartbeats.stats;
  }

  /** The paths to the LMAs that have sessions, or had some. */
  heartbeats(): HeartbeatRow[] {
    return this.#mag.heartbeats.snapshot(this.#mag.now);
  }

  /** What was exchanged with each LMA, by its name. */
  peerMessages(): PeerMessagesRow[] {
    const { peerMessages, lmas } = this.#mag;
    return peerMessages.rows((address) => lmas.at(address)?.name ?? `${address}`);
  }

  /** Entries of the binding update list. */
  get bindingCount(): number {
    return this.#mag.bindings.size;
  }

  /** Of the mobile node whose forwarding has this id. */
  nameOf(id: string): string | undefined {
    return bindingForwarded(this.#mag, id)?.nai;
  }

  *sessionPaths(): Iterable<SessionPath> {
    for (const { granted, state, lma, mac, nai } of this.#mag.bindings) {
      if (granted && state !== 'DISCONNECTING') yield { id: mac.toString(), nai, peer: lma.name, path: granted.path };
    }
  }

  snapshot(): MagBindingRow[] {
    return Array.from(this.#mag.bindings, (binding) => bindingRow(this.#mag, binding));
  }

  /** One of them. */
  row(mac: MacAddress): MagBindingRow | undefined {
    const binding = this.#mag.bindings.get(mac);
    return binding && bindingRow(this.#mag, binding);
  }

  *bindingMacs(): Iterable<MacAddress> {
    for (const { mac } of this.#mag.bindings) yield mac;
  }

  /** As `snapshot`, one after the other, with `undefined` for each binding that was looked at and is not meant. */
  *rows(selection: MagBindingSelection = {}): Generator<MagBindingRow | undefined> {
    const mag = this.#mag;
    for (const binding of candidates(mag.bindings, selection))
      yield isSelected(binding, selection) ? bindingRow(mag, binding) : undefined;
  }

  /** The mobile node of each binding that was looked at and is meant; `undefined` for the others. */
  *selected(selection: MagBindingSelection): Generator<MacAddress | undefined> {
    for (const binding of candidates(this.#mag.bindings, selection))
      yield isSelected(binding, selection) ? binding.mac : undefined;
  }

  #expire(timeout: MagTimeout): void {
    const mag = this.#mag;
    const { binding } = timeout;
    // Another timeout of the same instant may have ended it.
    if (mag.bindings.get(binding.mac) !== binding) return;
    switch (timeout.kind) {
      case 'transmit':
        transmit(mag, binding);
        return;
      case 'retransmit':
        retransmit(mag, binding);
        return;
      case 'refresh':
        extendWhenPresent(mag, binding);
        return;
      case 'proof':
        provedAbsent(mag, binding);
        return;
      case 'session-end':
        if (binding.state !== 'DISCONNECTING') sessionTimedOut(mag, binding);
        return;
      case 'expire':
        if (binding.state === 'DISCONNECTING') return;
        mag.stats.bindingsExpired++;
        mag.log('warn', 'binding-expired', `the binding of ${binding.nai} was not extended in time`, {
          nai: binding.nai,
          lma: binding.lma.name,
        });
        endSession(mag, binding, 'withdrawn');
        dropBinding(mag, binding);
        return;
    }
  }

  /** The administrative action that lets refused mobile nodes try again, and ends the sessions there are. */
  #clear(selection: MagBindingSelection): void {
    const { nai, mac } = selection;
    this.#mag.forgetDenials(nai ?? (mac && this.#nameOf(mac)));
    this.#attachment.forgetStrangers();
    const meant = [...candidates(this.#mag.bindings, selection)].filter((binding) => isSelected(binding, selection));
    if (meant.length === this.#mag.bindings.size) this.#endAll('withdrawn');
    else this.#deregister(meant, 'withdrawn');
  }

  /** The NAI that a station has, or would have. */
  #nameOf(mac: MacAddress): string {
    const local = this.#mag.config.localProfiles.find((profile) => profile.mac.equals(mac));
    return local?.nai ?? this.#mag.bindings.get(mac)?.nai ?? mac.toCiscoString();
  }

  /**
   * RFC 5213 §6.9.1.4 "Mobile Node Detachment and Binding De-Registration" wants the anchor told that a mobile node is no longer
   * served here.
   * Chooses: the nodes are told nothing. One of IPv6 alone whose prefix was withdrawn would have nothing more to say, and not be noticed
   * by the gateway that starts again; as it is, its next packet registers it.
   */
  #stop(): void {
    this.#mag.stopping = true;
    this.#attachment.abandon(() => true);
    this.#endAll('departed');
  }

  #configure(config: MagConfig): void {
    const mag = this.#mag;
    mag.config = config;
    mag.forgetDenials();
    this.#attachment.forgetStrangers();
    const served = (binding: Binding) => config.interfaces.find((at) => at.name === binding.interface.name);
    this.#attachment.abandon((name) => !config.aaa || !config.interfaces.some((at) => at.name === name));
    this.#deregisterAll((binding) => !served(binding), 'withdrawn');
    for (const binding of mag.bindings) binding.interface = served(binding) ?? binding.interface;
    configurePaths(mag);
  }

  #deregisterAll(which: (binding: Binding) => boolean, end: 'withdrawn' | 'departed'): void {
    this.#deregister(Array.from(this.#mag.bindings).filter(which), end);
  }

  #deregister(meant: readonly Binding[], end: 'withdrawn' | 'departed'): void {
    for (const binding of leaving(meant)) deregister(this.#mag, binding, end);
  }

  #endAll(end: 'withdrawn' | 'departed'): void {
    endAll(this.#mag, leaving([...this.#mag.bindings]), end);
  }
}

/** Those that are to be ended and are not on their way out; none of them comes back as another. */
function leaving(meant: readonly Binding[]): Binding[] {
  for (const binding of meant) binding.successor = undefined;
  return meant.filter(({ state }) => state !== 'DISCONNECTING');
}

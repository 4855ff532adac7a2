import type { Random } from '#base/random.ts';
import { SeededRandom } from '#base/random.ts';
import { RateLimit } from '#base/rate-limit.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import { earliest } from '#base/time.ts';
import type { WireError } from '#wire/error.ts';
import { GreKeySpace } from '../gre-key-space.ts';
import type { HeartbeatRow, HeartbeatStats } from '../heartbeat/index.ts';
import type { Machine } from '../machine.ts';
import { PacedQueue } from '../paced-queue.ts';
import type { PeerAddress } from '../peer.ts';
import { PeerMessages, type PeerMessagesRow } from '../peer-messages.ts';
import { RevocationSender } from '../revocation/sender.ts';
import type { SessionPath } from '../tunnel-path.ts';
import { AddressAllocator } from './address-allocator.ts';
import { authorizationAnswered } from './authorization-answer.ts';
import { changeSessions, isSessionOver } from './authorization-change.ts';
import { currentCareOf, pathOf } from './binding.ts';
import type { BindingTable } from './binding-table.ts';
import { createBindingTable } from './binding-table.ts';
import { CareOfAddressPool } from './care-of-addresses.ts';
import { endBinding, endRest } from './ending.ts';
import type { LmaBindingSelection, LmaConfig, LmaEvent, LmaOutput } from './events.ts';
import { forwardingFailed } from './forwarding-failure.ts';
import { revokeAllOfMags } from './mag-revocation.ts';
import { handleMessage } from './messages.ts';
import { observed } from './observed-table.ts';
import { describeBinding, log, logOfPeer } from './output.ts';
import { configurePaths, createHeartbeats, INVALIDATION_PACE, pathTimers } from './peer-paths.ts';
import { PendingAuthorizations } from './pending-authorizations.ts';
import { servicesOf } from './profile.ts';
import { renew } from './renewal.ts';
import { Renewals } from './renewals.ts';
import { restoreBindings } from './restoration.ts';
import { revokeByOperator, revokeTimedOut } from './revocation.ts';
import { revocationTimers } from './revocation-outcome.ts';
import { candidates, isSelected } from './selection.ts';
import type { LmaBindingRow } from './snapshot.ts';
import { bindingRow } from './snapshot.ts';
import { isServedPeer, type LmaState, peerName } from './state.ts';
import type { LmaStats } from './stats.ts';
import { countUnder, createLmaStats } from './stats.ts';
import { LmaTimers } from './timers.ts';
import { resumeWaiting } from './unknown-handoff.ts';
import { UpdateLimits } from './update-limits.ts';
import { WaitingRequests } from './waiting-requests.ts';

const NO_OUTPUTS: readonly LmaOutput[] = [];
const TIMEOUT: LmaEvent = { kind: 'timeout' };

/**
 * The local mobility anchor of RFC 5213 §5 "Local Mobility Anchor Operation".
 *
 * States of a binding: active ⇄ deleting → gone, active → revoking → gone, active → invalid → gone; a registration makes it active
 * again from each of them. It is
 * told of messages of MAGs, of time, of what was stored, of forwarding that cannot be and of the operator's wishes; for an accepted Proxy Binding Update it
 * answers, in this order, with what to store, what to forward, the acknowledgement, and on a handover the revocation at the old MAG.
 */
export class LmaMachine implements Machine<LmaEvent, LmaOutput> {
  readonly #state: LmaState;
  #lastNow: ClockReading | undefined;
  #event: LmaEvent | undefined;
  /** While transitions of bindings are logged: the table without that. */
  #unobserved: BindingTable | undefined;

  /** `restartCounter`: RFC 5847 §3.2 "Restart Detection"; one more than in the last run that lost its bindings. */
  constructor(config: LmaConfig, restartCounter = 1, random: Random = new SeededRandom(restartCounter)) {
    const hashMultiplier = random.nextU32() | 1;
    const state: LmaState = {
      config,
      profiles: profilesOf(config),
      services: servicesOf(config.profiles),
      peers: peersOf(config),
      heartbeats: createHeartbeats(config, restartCounter, random, () => state),
      invalidations: new PacedQueue(INVALIDATION_PACE, random),
      table: createBindingTable(hashMultiplier, (id) => state.renewals.forget(id)),
      renewals: new Renewals(hashMultiplier),
      resting: createBindingTable(hashMultiplier),
      careOfAddresses: new CareOfAddressPool(),
      allocator: new AddressAllocator(config.pools, hashMultiplier),
      greKeys: greKeysOf(config, random),
      timers: new LmaTimers(),
      waiting: new WaitingRequests(),
      authorizations: new PendingAuthorizations(),
      revocations: new RevocationSender(),
      stats: createLmaStats(),
      peerMessages: new PeerMessages(),
      updateLimits: new UpdateLimits(config.updateRate),
      bindingErrorLimit: new RateLimit(10, 10),
      peerLogLimit: new RateLimit(20, 1),
      outputs: [],
      unconfirmed: new Map(),
      lastBindingNumber: 0,
    };
    this.#state = state;
  }

  get stats(): Readonly<LmaStats> {
    return this.#state.stats;
  }

  handle(event: LmaEvent, now: ClockReading): void {
    this.#begin(now);
    this.#event = event;
    this.#dispatch(event, now);
    resumeWaiting(this.#state, now);
  }

  /**
   * Handles a Mobility Header that is not decoded yet, if it is a Proxy Binding Update that asks once more for what its sender has; false if it is not, and nothing came of it:
   * then it is to be decoded and handled. It comes to the same, and costs much less (`docs/decisions/0046-renewals.md`). `octets` are only looked at during the call.
   */
  renew(from: PeerAddress, octets: Uint8Array, now: ClockReading): boolean {
    const state = this.#state;
    const { renewals } = state;
    // Who debugs is told of transitions.
    const handle = this.#unobserved ? 0 : renewals.find(octets);
    if (handle === 0) return false;
    const { forgotten } = renewals;
    this.#begin(now);
    if (renewals.forgotten !== forgotten || !renew(state, from, octets, handle, now)) return false;
    resumeWaiting(state, now);
    return true;
  }

  /** What is due comes before what is told. */
  #begin(now: ClockReading): void {
    if (now.instant !== this.#lastNow?.instant && this.#state.unconfirmed.size > 0) this.#state.unconfirmed = new Map();
    this.#lastNow = now;
    this.#event = TIMEOUT;
    this.#expire(now);
  }

  #dispatch(event: LmaEvent, now: ClockReading): void {
    switch (event.kind) {
      case 'message':
        handleMessage(this.#state, event, now);
        return;
      case 'malformed':
        this.#malformed(event.from, event.error, now);
        return;
      case 'timeout':
        return;
      case 'debug':
        this.#debug(event.on);
        return;
      case 'forwarding-failed':
        forwardingFailed(this.#state, event.id, event.reason, now);
        return;
      case 'authorization':
        authorizationAnswered(this.#state, event, now);
        return;
      case 'clear-bindings':
        this.#clear(event, now);
        return;
      case 'change':
        changeSessions(this.#state, event.selection, event.change, now);
        return;
      case 'configure':
        this.#configure(event.config, now);
        return;
      case 'restored':
        restoreBindings(this.#state, event.records, event.gap, now);
        return;
    }
  }

  drain(): readonly LmaOutput[] {
    const state = this.#state;
    const { outputs } = state;
    if (outputs.length === 0) return NO_OUTPUTS;
    state.outputs = [];
    for (const output of outputs) {
      if (output.kind !== 'send' || !isServedPeer(state, output.to.remote)) continue;
      state.peerMessages.sent(output.to.remote, output.message);
    }
    return outputs;
  }

  nextTimeout(): Instant | undefined {
    const { timers, waiting, revocations, heartbeats, invalidations } = this.#state;
    let first = earliest(timers.next(), waiting.next());
    first = earliest(first, revocations.next());
    first = earliest(first, heartbeats.nextTimeout());
    return earliest(first, invalidations.next());
  }

  /** The bindings that are meant, all without a selection. Remaining times as of `now`, or of the last event. */
  snapshot(now = this.#lastNow, selection: LmaBindingSelection = {}): LmaBindingRow[] {
    const rows: LmaBindingRow[] = [];
    for (const row of this.rows(selection, now)) if (row) rows.push(row);
    return rows;
  }

  /** One of them. */
  row(id: string, now = this.#lastNow): LmaBindingRow | undefined {
    const binding = this.#state.table.get(id);
    return binding && bindingRow(this.#state, binding, now);
  }

  *bindingIds(): Iterable<string> {
    for (const { id } of this.#state.table.values()) yield id;
  }

  /** As `snapshot`, one after the other, with `undefined` for each binding that was looked at and is not meant. */
  *rows(selection: LmaBindingSelection = {}, now = this.#lastNow): Generator<LmaBindingRow | undefined> {
    const state = this.#state;
    for (const binding of candidates(state, selection))
      yield isSelected(state, binding, selection) ? bindingRow(state, binding, now) : undefined;
  }

  /** The id of each binding that was looked at and is meant; `undefined` for the others. */
  *selected(selection: LmaBindingSelection): Generator<string | undefined> {
    const state = this.#state;
    for (const binding of candidates(state, selection))
      yield isSelected(state, binding, selection) ? binding.id : undefined;
  }

  /** Entries of the binding cache. */
  get bindingCount(): number {
    return this.#state.table.size;
  }

  /** Of the mobile node of a binding. */
  nameOf(id: string): string | undefined {
    return this.#state.table.get(id)?.mobileNode.name;
  }

  *sessionPaths(): Iterable<SessionPath> {
    const state = this.#state;
    for (const binding of state.table.values()) {
      if (binding.state !== 'active') continue;
      const careOf = currentCareOf(binding);
      const peer = peerName(state, careOf.address);
      yield { id: binding.id, nai: binding.mobileNode.name, peer, path: pathOf(careOf) };
    }
  }

  get heartbeatStats(): Readonly<HeartbeatStats> {
    return this.#state.heartbeats.stats;
  }

  /** The paths to the MAGs that have sessions, or had some. */
  heartbeats(): HeartbeatRow[] {
    return this.#state.heartbeats.snapshot(this.#lastNow);
  }

  /** What was exchanged with each MAG, by its configured name. */
  peerMessages(): PeerMessagesRow[] {
    const state = this.#state;
    return state.peerMessages.rows((address) => peerName(state, address));
  }

  /** How full the pools are, in the order of the configuration, and what is lent beside them. */
  poolUse(): ReturnType<AddressAllocator['use']> {
    return this.#state.allocator.use();
  }

  #expire(now: ClockReading): void {
    const state = this.#state;
    for (const id of state.timers.expire(now.instant)) {
      endRest(state, id);
      const binding = state.table.get(id);
      if (!binding) continue;
      if (binding.state === 'active' && isSessionOver(binding)) {
        revokeTimedOut(state, binding, now);
        continue;
      }
      if (binding.state === 'active') {
        state.stats.bindingsExpired++;
        log(state, 'warn', 'binding-expired', 'A binding was not extended in time', describeBinding(state, binding));
      }
      endBinding(state, binding, now);
    }
    revocationTimers(state, now);
    pathTimers(state, now);
  }

  #malformed(from: PeerAddress, error: WireError, now: ClockReading): void {
    const state = this.#state;
    countUnder(state.stats.malformed, error.code);
    const fields = { from: `${from.remote}`, error: error.code, field: error.field, offset: error.offset };
    logOfPeer(state, 'malformed-message', `A malformed message was dropped: ${error.rule}`, fields, now);
  }

  #debug(on: boolean): void {
    const state = this.#state;
    if (on === (this.#unobserved !== undefined)) return;
    const table = this.#unobserved ?? state.table;
    this.#unobserved = on ? table : undefined;
    state.table = on
      ? observed(
          table,
          () => this.#event,
          (output) => state.outputs.push(output),
        )
      : table;
  }

  #clear(selection: LmaBindingSelection, now: ClockReading): void {
    const state = this.#state;
    const meant = [...candidates(state, selection)].filter((binding) => isSelected(state, binding, selection));
    const wholeMags = selection.mag !== undefined && selection.nai === undefined && selection.mac === undefined;
    if (wholeMags) revokeAllOfMags(state, meant, now);
    else for (const binding of meant) revokeByOperator(state, binding, now);
  }

  #configure(config: LmaConfig, now: ClockReading): void {
    const state = this.#state;
    state.config = config;
    state.renewals.clear();
    state.profiles = profilesOf(config);
    state.services = servicesOf(config.profiles);
    state.peers = peersOf(config);
    state.updateLimits.configure(config.updateRate);
    state.greKeys.leaveOut(presetKeys(config));
    state.allocator.configure(config.pools, state.table.values());
    configurePaths(state, now);
  }
}

function profilesOf({ profiles }: LmaConfig): LmaState['profiles'] {
  return new Map(profiles.map((profile) => [profile.nai, profile]));
}

function peersOf({ peers }: LmaConfig): LmaState['peers'] {
  return new Map(
    peers.flatMap((peer) => [peer.ipv6, peer.ipv4].flatMap((address) => (address ? [[address.key, peer]] : []))),
  );
}

/** Chooses: keys start elsewhere in each run, so that those of an earlier one, whose packets may be on their way, do not come back. */
function greKeysOf(config: LmaConfig, random: Random): GreKeySpace {
  const keys = new GreKeySpace(random);
  keys.leaveOut(presetKeys(config));
  return keys;
}

function presetKeys({ profiles }: LmaConfig): number[] {
  return profiles.flatMap(({ greKeys }) => greKeys?.up ?? []);
}

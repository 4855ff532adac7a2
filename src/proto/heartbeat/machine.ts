import type { IpAddress } from '#base/ip-address.ts';
import { nextFraction, type Random } from '#base/random.ts';
import { RateLimit } from '#base/rate-limit.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import { elapsed, instant } from '#base/time.ts';
import { TimerQueue } from '#base/timer-queue.ts';
import type { Heartbeat } from '#wire/mobility/index.ts';
import { findOption } from '#wire/mobility/index.ts';
import type { Machine } from '../machine.ts';
import type { LogOutput, PeerAddress, SendOutput } from '../peer.ts';
import type { HeartbeatConfig, HeartbeatEvent, HeartbeatOutput, PathChange } from './events.ts';
import { type HeartbeatRow, heartbeatRow } from './snapshot.ts';
import type { HeartbeatPath, PathState } from './state.ts';
import { createHeartbeatStats, type HeartbeatStats } from './stats.ts';
import { firstDelay } from './timers.ts';

/** Chooses: more peers than this are not watched at once; those are counted, and their sessions are served all the same. */
export const PATHS_MAXIMUM = 4096;

/** What the machine of an LMA or MAG hands its heartbeats. */
export interface HeartbeatParts {
  /** `undefined`: requests are answered, and none are sent. */
  readonly config: HeartbeatConfig | undefined;
  readonly restartCounter: number;
  readonly random: Random;
  /** Active sessions with a peer. */
  readonly sessionsWith: (peer: PeerAddress) => number;
  /** Whom to tell of the restart: the configured peers. */
  readonly announceTo: readonly PeerAddress[];
  /** A message with what proves that it is of this node. */
  readonly proven: (output: SendOutput) => SendOutput;
}

const NO_OUTPUTS: readonly HeartbeatOutput[] = [];

/**
 * The heartbeats of one LMA or MAG with all its peers, RFC 5847 "Heartbeat Mechanism for Proxy Mobile IPv6". It is a part of their machines, which hand it the messages
 * of peers that they serve, and act on the `path` changes that it finds.
 *
 * States of a path: idle → probing → up ⇄ down; each of these → idle with the last session, and → unsupported.
 */
export class HeartbeatMachine implements Machine<HeartbeatEvent, HeartbeatOutput> {
  readonly stats: HeartbeatStats = createHeartbeatStats();
  readonly #parts: HeartbeatParts;
  readonly #paths = new Map<string, HeartbeatPath>();
  readonly #timers = new TimerQueue<HeartbeatPath>();
  readonly #verifications = new RateLimit(10, 1);
  #config: HeartbeatConfig | undefined;
  #unannounced: readonly PeerAddress[];
  #outputs: HeartbeatOutput[] = [];

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#config = parts.config;
    this.#unannounced = parts.config ? parts.announceTo : [];
  }

  handle(event: HeartbeatEvent, now: ClockReading): void {
    if (this.#unannounced.length > 0) this.#announce();
    switch (event.kind) {
      case 'message':
        this.#message(event, now.instant);
        return;
      case 'unsupported':
        this.#unsupported(event.from);
        return;
      case 'session':
        this.#session(event.peer, event.name, now.instant);
        return;
      case 'timeout':
        for (const path of this.#timers.expire(now.instant)) this.#beat(path, now.instant);
        return;
      case 'configure':
        this.#config = event.config;
        if (!event.config) this.#forget();
        return;
    }
  }

  drain(): readonly HeartbeatOutput[] {
    const outputs = this.#outputs;
    if (outputs.length === 0) return NO_OUTPUTS;
    this.#outputs = [];
    return outputs;
  }

  nextTimeout(): Instant | undefined {
    return this.#unannounced.length > 0 ? instant(0) : this.#timers.next();
  }

  snapshot(now: ClockReading | undefined): HeartbeatRow[] {
    const config = this.#config;
    if (!config || !now) return [];
    return Array.from(this.#paths.values(), (path) =>
      heartbeatRow(path, config, this.#parts.sessionsWith(path.peer), now.instant),
    );
  }

  /** `undefined` of a peer that is not watched. */
  pathState(remote: IpAddress): PathState | undefined {
    return this.#paths.get(remote.key)?.state;
  }

  /**
   * RFC 5847 §3.2 "Restart Detection": "If a PMIPv6 node restarts and loses PMIPv6 session state, it SHOULD send an unsolicited Heartbeat
   * Response message with an incremented Restart Counter to all the PMIPv6 nodes that had previously established PMIPv6 sessions."
   * Chooses: to every configured peer, which costs one small message and needs no memory of the sessions there were. A peer that knows the
   * counter already makes nothing of it.
   */
  #announce(): void {
    for (const peer of this.#unannounced) {
      this.stats.unsolicitedSent++;
      this.#respond(peer, true, 0, true);
    }
    this.#unannounced = [];
  }

  /**
   * RFC 5847 §6 "Security Considerations": "Integrity protection using IPsec [RFC4301] for the Heartbeat messages MUST be supported". Chooses: without the proof that the peer can give, a message says
   * at most that it lives, so that a peer of another maker does not count as dead; it does not begin or end anything. Neither is the answer to such a request
   * proven, as it would prove to a third node, later, what this one said before it restarted.
   */
  #message({ from, message, proof }: Extract<HeartbeatEvent, { kind: 'message' }>, now: Instant): void {
    const trusted = proof !== 'missing';
    if (!trusted) this.stats.notAuthentic++;
    if (!message.response) {
      // RFC 5847 §3 "Heartbeat Mechanism": "A PMIPv6 node MUST respond to a Heartbeat Request message with a Heartbeat Response message, irrespective of
      // whether there is an active Binding Cache entry."
      this.stats.requestsReceived++;
      this.stats.responsesSent++;
      this.#respond(from, false, message.sequence, trusted);
      return;
    }
    const path = this.#paths.get(from.remote.key);
    if (message.unsolicited) this.stats.unsolicitedReceived++;
    else this.stats.responsesReceived++;
    if (!path || path.state === 'idle' || path.state === 'unsupported') {
      this.stats.responsesFromUnknownPeer++;
    } else if (!message.unsolicited) this.#answer(path, message, trusted, now);
    else if (trusted) this.#unsolicited(path, message, now);
  }

  /**
   * Differs: RFC 5847 §3.2 takes an unsolicited response for what it says. Anybody can forge one, and a forged one would end every session
   * with the peer. So it makes us ask at once, and the answer, which has our sequence number, decides. Without IPsec this keeps
   * those out who cannot read the path.
   */
  #unsolicited(path: HeartbeatPath, message: Heartbeat, now: Instant): void {
    const counter = restartCounterIn(message);
    if (counter === undefined || counter === path.restartCounter || !this.#verifications.allows(now)) return;
    this.stats.verificationsSent++;
    this.#timers.cancel(path.timer);
    this.#request(path, now);
  }

  /**
   * RFC 5847 §3.1 "Failure Detection": "A PMIPv6 node (MAG or LMA) matches every received Heartbeat Response to the Heartbeat Request sent using the sequence
   * number." "If a Heartbeat Response message is received, the MISSING_HEARTBEATS counter is reset."
   */
  #answer(path: HeartbeatPath, message: Heartbeat, trusted: boolean, now: Instant): void {
    if (!path.waits || message.sequence !== path.sequence) {
      this.stats.responsesMismatched++;
      return;
    }
    path.waits = false;
    path.missing = 0;
    path.lastHeard = now;
    path.roundTripMs = path.sentAt === undefined ? undefined : elapsed(path.sentAt, now);
    if (path.state === 'down') this.#change(path, 'recovered');
    path.state = 'up';
    if (trusted) this.#compareCounter(path, restartCounterIn(message), now);
  }

  /**
   * RFC 5847 §3.2: "If the value is different, the receiving node assumes that the peer PMIPv6 node had crashed and recovered. If the
   * Restart Counter value changes or if there was no previously stored value, the new value is stored by the receiving PMIPv6 node."
   */
  #compareCounter(path: HeartbeatPath, counter: number | undefined, now: Instant): void {
    if (counter === undefined) {
      this.stats.responsesWithoutCounter++;
      return;
    }
    const before = path.restartCounter;
    const heard = path.counterHeard;
    path.restartCounter = counter;
    path.counterHeard = now;
    if (before !== undefined && before !== counter) this.#change(path, 'restarted', heard);
  }

  /**
   * RFC 5847 §3: "When the Binding Error message with status set to 2 is received in response to a Heartbeat Request message, the initiating
   * MAG or the LMA MUST NOT use Heartbeat messages with the other end again."
   */
  #unsupported(from: PeerAddress): void {
    const path = this.#paths.get(from.remote.key);
    if (!path?.waits) return;
    this.stats.bindingErrors++;
    this.#rest(path, 'unsupported');
    this.#log(
      'warn',
      'heartbeat-unsupported',
      `${path.name} does not know Heartbeat messages and is not watched`,
      path,
    );
  }

  /**
   * RFC 5847 §3: "If there are no proxy Binding Cache entries at the LMA for any of the mobile nodes attached to the MAG, then the Heartbeat
   * message SHOULD NOT be sent." So a path is watched from the first session on.
   */
  #session(peer: PeerAddress, name: string, now: Instant): void {
    if (!this.#config) return;
    const known = this.#paths.get(peer.remote.key);
    if (known) {
      known.peer = peer;
      known.name = name;
      if (known.state !== 'idle') return;
    }
    if (this.#parts.sessionsWith(peer) === 0) return;
    if (!known && !this.#makeRoom()) {
      this.stats.peersNotWatched++;
      return;
    }
    const path = known ?? newPath(peer, name, this.#parts.random);
    path.state = 'probing';
    path.timer = this.#timers.set(now, firstDelay(this.#parts.random), path);
    this.#paths.set(peer.remote.key, path);
  }

  /** An idle path, which is only kept to be shown, gives way to a new one. */
  #makeRoom(): boolean {
    if (this.#paths.size < PATHS_MAXIMUM) return true;
    for (const [key, { state }] of this.#paths) if (state === 'idle') return this.#paths.delete(key);
    return false;
  }

  /**
   * RFC 5847 §3.1: "Before sending the next Heartbeat Request, it increments a local variable MISSING_HEARTBEAT if it has not received a
   * Heartbeat Response for the previous request. When this local variable MISSING_HEARTBEAT exceeds a configurable parameter
   * MISSING_HEARTBEATS_ALLOWED, the PMIPv6 node concludes that the peer PMIPv6 node is not reachable."
   * Chooses: a peer that is not reachable is asked on, so that its return is noticed.
   */
  #beat(path: HeartbeatPath, now: Instant): void {
    const config = this.#config;
    if (!config) return;
    if (this.#parts.sessionsWith(path.peer) === 0) {
      this.#rest(path, 'idle');
      return;
    }
    if (path.waits) {
      path.missing++;
      this.stats.requestsUnanswered++;
      if (path.missing > config.retries && path.state !== 'down') {
        path.state = 'down';
        this.#change(path, 'failed');
      }
    }
    this.#request(path, now);
  }

  /** RFC 5847 §3: "Each Heartbeat Request contains a sequence number that is incremented monotonically." */
  #request(path: HeartbeatPath, now: Instant): void {
    if (!this.#config) return;
    path.sequence = (path.sequence + 1) >>> 0;
    path.waits = true;
    path.sentAt = now;
    path.timer = this.#timers.set(now, this.#config.interval, path);
    this.stats.requestsSent++;
    const { sequence } = path;
    const message = { kind: 'heartbeat', response: false, unsolicited: false, sequence, options: [] } as const;
    this.#outputs.push(this.#parts.proven({ kind: 'send', to: path.peer, message }));
  }

  /**
   * RFC 5847 §3.2: "A PMIPv6 node includes a Restart Counter mobility option ... in a Heartbeat Response message to indicate the current
   * value of the Restart Counter."
   */
  #respond(to: PeerAddress, unsolicited: boolean, sequence: number, proven: boolean): void {
    const options = [{ kind: 'restart-counter', counter: this.#parts.restartCounter }] as const;
    const message = { kind: 'heartbeat', response: true, unsolicited, sequence, options } as const;
    const output = { kind: 'send', to, message } as const;
    this.#outputs.push(proven ? this.#parts.proven(output) : output);
  }

  #forget(): void {
    for (const path of this.#paths.values()) this.#timers.cancel(path.timer);
    this.#paths.clear();
  }

  /** RFC 5847 §3.2 wants the counter kept of those "with which it currently has sessions". */
  #rest(path: HeartbeatPath, state: 'idle' | 'unsupported'): void {
    this.#timers.cancel(path.timer);
    path.state = state;
    path.waits = false;
    path.missing = 0;
    path.restartCounter = undefined;
  }

  #change(path: HeartbeatPath, change: PathChange['change'], lastHeard?: Instant): void {
    const { peer, name, missing } = path;
    if (change === 'failed') {
      this.stats.pathsFailed++;
      this.#log('error', 'peer-unreachable', `${name} has not answered ${missing} heartbeats and counts as dead`, path);
    } else if (change === 'recovered') {
      this.stats.pathsRecovered++;
      this.#log('info', 'peer-reachable', `${name} answers again`, path);
    } else {
      this.stats.restartsDetected++;
      this.#log('warn', 'peer-restarted', `${name} restarted and has lost its sessions`, path);
    }
    this.#outputs.push({ kind: 'path', peer, name, change, ...(lastHeard !== undefined && { lastHeard }) });
  }

  #log(level: LogOutput['level'], code: string, text: string, { name, peer, restartCounter }: HeartbeatPath): void {
    const fields = { peer: name, address: `${peer.remote}`, ...(restartCounter !== undefined && { restartCounter }) };
    this.#outputs.push({ kind: 'log', level, code, text, fields });
  }
}

function restartCounterIn(message: Heartbeat): number | undefined {
  return findOption(message.options, 'restart-counter')?.counter;
}

function newPath(peer: PeerAddress, name: string, random: Random): HeartbeatPath {
  return {
    peer,
    name,
    state: 'idle',
    // Not from 1, as who does not read the path is not to know it.
    sequence: Math.floor(nextFraction(random) * 0x1_0000_0000),
    waits: false,
    sentAt: undefined,
    missing: 0,
    restartCounter: undefined,
    lastHeard: undefined,
    counterHeard: undefined,
    roundTripMs: undefined,
    timer: undefined,
  };
}

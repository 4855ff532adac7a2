import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { nextBelow, type Random } from '#base/random.ts';
import { RateLimit } from '#base/rate-limit.ts';
import { type ClockReading, type Duration, type Instant, milliseconds, type UtcTime, utcTime } from '#base/time.ts';
import { type Timer, TimerQueue } from '#base/timer-queue.ts';
import { GreKeySpace } from '../gre-key-space.ts';
import type { HeartbeatMachine } from '../heartbeat/index.ts';
import { type Pace, PacedQueue } from '../paced-queue.ts';
import type { LogOutput } from '../peer.ts';
import { PeerMessages } from '../peer-messages.ts';
import { RevocationSender } from '../revocation/sender.ts';
import { BindingList } from './binding-list.ts';
import type { MagConfig, MagEvent, MagOutput } from './events.ts';
import { createHeartbeats, RE_REGISTRATION_PACE } from './heartbeats.ts';
import { LmaDirectory } from './lma-directory.ts';
import { NatPaths } from './nat-paths.ts';
import { RecentlySent } from './recently-sent.ts';
import { type Binding, type Denial, type MagTimeout, NO_DENIAL } from './state.ts';
import { createMagStats, type MagStats } from './stats.ts';
import { TRANSPORT_MTU } from './tunnel-mtu.ts';

/** Chooses: a thousand router advertisements a second. */
const RESIZE_PACE: Pace = { batch: 50, gap: milliseconds(50) };
const DENIALS_KEPT = 4096;
/** A timestamp differs from the one before in the option's units, 1/65536 s; two of them, as they are rounded there. */
const TIMESTAMP_STEP_MS = 2000 / 65536;
/** A clock that was set back further than this is followed, not outrun. */
const TIMESTAMP_LEAD_MS = 1000;

/** What the procedures of one MAG share: its configuration, its bindings, the time of the event at hand, its outputs. */
export class MagContext {
  readonly stats: MagStats = createMagStats();
  /** Of each LMA. */
  readonly peerMessages = new PeerMessages();
  readonly bindings = new BindingList();
  readonly timers = new TimerQueue<MagTimeout>();
  /** Binding Errors, which answer anything: ten at once, ten a second. */
  readonly bindingErrorLimit = new RateLimit(10, 10);
  readonly recentlySent = new RecentlySent();
  readonly lmas: LmaDirectory;
  readonly greKeys: GreKeySpace;
  /** Of all bindings with an LMA at once, by its address. */
  readonly revocations = new RevocationSender<{ readonly about: string }>();
  /** LMAs, by their address, that have ended all bindings of this gateway at once when they were asked to, and those that did not. */
  readonly revokedAtOnce = new Set<string>();
  readonly refusesBulk = new Set<string>();
  /** LMAs, by name, that take no notice of the GRE Key option. */
  readonly withoutGreKeys = new Set<string>();
  readonly heartbeats: HeartbeatMachine;
  readonly natPaths = new NatPaths();
  /** Mobile nodes whose LMA restarted, and after a restart of this gateway all that it has. */
  readonly reRegistrations: PacedQueue<Binding, undefined>;
  /** Mobile nodes whose tunnel has another MTU, and are told. */
  readonly resized: PacedQueue<Binding, undefined>;
  readonly #pathMtus = new Map<string, number>();
  #config: MagConfig;
  now: ClockReading | undefined;
  /** What is being handled. */
  event: MagEvent | undefined;
  /** Transitions of bindings are logged. */
  debugging = false;
  /** Nobody attaches any more. */
  stopping = false;

  /** Bindings that are gone, and whose mobile nodes are registered anew. */
  readonly successors: Binding[] = [];
  readonly #denials = new Map<string, Denial>();
  #outputs: MagOutput[] = [];
  readonly #random: Random;
  #sequence: number;
  #timestamp = 0;

  constructor(config: MagConfig, random: Random, restartCounter: number) {
    this.#random = random;
    this.#sequence = nextBelow(random, 0x10000);
    this.greKeys = new GreKeySpace(random);
    this.#config = config;
    this.lmas = new LmaDirectory(config);
    this.config = config;
    this.heartbeats = createHeartbeats(config, restartCounter, random, this);
    this.reRegistrations = new PacedQueue(RE_REGISTRATION_PACE, random);
    this.resized = new PacedQueue(RESIZE_PACE, random);
  }

  get config(): MagConfig {
    return this.#config;
  }

  set config(config: MagConfig) {
    this.#config = config;
    this.lmas.configure(config);
    this.greKeys.leaveOut(config.profiles.flatMap(({ greKeys }) => greKeys?.down ?? []));
    this.withoutGreKeys.clear();
    this.refusesBulk.clear();
  }

  /** Of the event at hand. */
  get reading(): ClockReading {
    return this.now as ClockReading;
  }

  get instant(): Instant {
    return this.reading.instant;
  }

  emit(output: MagOutput): void {
    this.#outputs.push(output);
  }

  log(level: LogOutput['level'], code: string, text: string, fields: LogOutput['fields']): void {
    this.emit({ kind: 'log', level, code, text, fields });
  }

  drain(): MagOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    for (const output of outputs) if (output.kind === 'send') this.peerMessages.sent(output.to.remote, output.message);
    return outputs;
  }

  setTimer(delay: Duration, timeout: MagTimeout): Timer<MagTimeout> {
    return this.timers.set(this.instant, delay, timeout);
  }

  /**
   * RFC 5213 §6.9.1.1(6) "Mobile Node Attachment and Initial Binding Registration": "the mobile access gateway SHOULD also set the Sequence Number field to a
   * value of a monotonically increasing counter (maintained at each mobile access gateway". Without Timestamp option it is
   * "maintained on a per mobile node's mobility session basis".
   */
  nextSequence(binding: Binding): number {
    const last = this.usesTimestamps ? this.#sequence : binding.sequence;
    binding.sequence = (last + 1) & 0xffff;
    if (this.usesTimestamps) this.#sequence = binding.sequence;
    return binding.sequence;
  }

  /** Where a new binding's sequence numbers start that are counted for it alone. */
  firstSequence(): number {
    return nextBelow(this.#random, 0x10000);
  }

  /** Of tunnel packets to an LMA. */
  pathMtu(remote: IpAddress): number {
    return this.#pathMtus.get(remote.key) ?? TRANSPORT_MTU;
  }

  /** Only of LMAs of the configuration, so that there are few. */
  setPathMtu(remote: IpAddress, mtu: number): void {
    const known = this.#config.lmas.some(({ ipv4, ipv6 }) => sameAddress(ipv4, remote) || sameAddress(ipv6, remote));
    if (known) this.#pathMtus.set(remote.key, mtu);
  }

  get usesTimestamps(): boolean {
    return this.#config.timestamps !== false;
  }

  /**
   * RFC 5213 §5.5(6) "Timestamp Option for Message Ordering": "The timestamp MUST be greater than all previously accepted timestamps". So two messages
   * within one tick of the clock get different ones.
   */
  nextTimestamp(): UtcTime {
    const { utc } = this.reading;
    const least = this.#timestamp + TIMESTAMP_STEP_MS;
    this.#timestamp = utc >= least || least - utc > TIMESTAMP_LEAD_MS ? utc : least;
    return utcTime(this.#timestamp);
  }

  denial(nai: string): Denial {
    return this.#denials.get(nai) ?? NO_DENIAL;
  }

  /** Keeps what an LMA denies a mobile node until the operator clears or configures; the oldest gives way. */
  deny(nai: string, part: Partial<Denial>): void {
    const denial = { ...this.denial(nai), ...part };
    this.#denials.delete(nai);
    this.#denials.set(nai, denial);
    const oldest = this.#denials.keys().next().value;
    if (this.#denials.size > DENIALS_KEPT && oldest !== undefined) this.#denials.delete(oldest);
  }

  forgetDenials(nai?: string): void {
    if (nai === undefined) this.#denials.clear();
    else this.#denials.delete(nai);
  }
}

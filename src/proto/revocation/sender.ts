import type { IpAddress } from '#base/ip-address.ts';
import { sameAddress } from '#base/ip-address.ts';
import type { Duration, Instant } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import type { Timer } from '#base/timer-queue.ts';
import { TimerQueue } from '#base/timer-queue.ts';
import type {
  BindingRevocationAcknowledgement,
  BindingRevocationIndication,
  MobilityOption,
  TimestampOption,
} from '#wire/mobility/index.ts';
import { findOption } from '#wire/mobility/index.ts';
import type { PeerAddress, SendOutput } from '../peer.ts';
import { compareTimestamps } from '../wire-timestamp.ts';

/** RFC 5846 §11 "Protocol Configuration Variables": InitMINDelayBRIs, MAX_BRACK_TIMEOUT, BRIMaxRetriesNumber. */
export interface RevocationTimes {
  readonly minimumDelay: Duration;
  readonly maximumDelay: Duration;
  readonly retries: number;
}

/** An indication that waits for its acknowledgement. */
export interface PendingRevocation<Subject> {
  readonly sequence: number;
  readonly to: PeerAddress;
  readonly message: BindingRevocationIndication;
  readonly subject: Subject;
}

/** What became of an indication whose timer ran out. */
export type RevocationTimeout<Subject> =
  | { readonly kind: 'retransmitted'; readonly output: SendOutput }
  | { readonly kind: 'given-up'; readonly pending: PendingRevocation<Subject> };

interface Entry<Subject> extends PendingRevocation<Subject> {
  delay: Duration;
  retriesLeft: number;
  timer: Timer<Entry<Subject>>;
}

/** Chooses: more indications than this never wait at once; half the sequence numbers, so that a fresh one is always at hand. */
export const PENDING_REVOCATIONS_MAXIMUM = 0x8000;
const NONE: readonly never[] = [];

/**
 * The initiator's side of RFC 5846 §6 "Binding Revocation Process Operation": numbers Binding Revocation Indications, sends them again,
 * and finds what an acknowledgement answers. `Subject` is the owner's, to know later what an indication was about.
 */
export class RevocationSender<Subject extends { readonly about: string }> {
  readonly #queue = new TimerQueue<Entry<Subject>>();
  readonly #pending = new Map<number, Entry<Subject>>();
  readonly #bySubject = new Map<string, Set<Entry<Subject>>>();
  #lastSequence = 0;

  get pending(): number {
    return this.#pending.size;
  }

  /** Builds and keeps an indication; `undefined` when too many wait already. */
  send(
    content: Omit<BindingRevocationIndication, 'kind' | 'sequence'>,
    to: PeerAddress,
    subject: Subject,
    times: RevocationTimes,
    now: Instant,
  ): SendOutput | undefined {
    if (this.#pending.size >= PENDING_REVOCATIONS_MAXIMUM) return undefined;
    const sequence = this.#nextSequence();
    const message: BindingRevocationIndication = { kind: 'binding-revocation-indication', sequence, ...content };
    this.#add({ sequence, to, message, subject }, times, now);
    return { kind: 'send', to, message };
  }

  /**
   * RFC 5846 §6.2.2(1) "Receiving Binding Revocation Acknowledgement": "If the sequence number does not match a sequence number of any of
   * the outstanding Binding Revocation Indication messages, the initiator MUST silently discard the message". Neither does an
   * answer from another node than the one asked count, nor one to another indication of the same number.
   */
  asked(
    { sequence, options }: BindingRevocationAcknowledgement,
    remote: PeerAddress['remote'],
  ): PendingRevocation<Subject> | undefined {
    const entry = this.#pending.get(sequence);
    if (!entry || !isAt(entry, remote)) return undefined;
    const [stamp] = echoedStamp(entry.message.options);
    const echo = findOption(options, 'timestamp');
    return stamp && echo && compareTimestamps(stamp, echo) !== 0 ? undefined : entry;
  }

  /** It is acknowledged. */
  settle({ sequence }: PendingRevocation<Subject>): void {
    const entry = this.#pending.get(sequence);
    if (entry) this.#forget(entry);
  }

  /** Stops asking `remote`, or everybody, about something; returns how many indications that ended. */
  cancel(about: string, remote?: IpAddress): number {
    const same = this.#bySubject.get(about);
    if (!same) return 0;
    const entries = [...same].filter((entry) => !remote || isAt(entry, remote));
    for (const entry of entries) this.#forget(entry);
    return entries.length;
  }

  next(): Instant | undefined {
    return this.#queue.next();
  }

  /**
   * RFC 5846 §6.3 "Retransmission of Binding Revocation Indication": "The retransmissions by the initiator MUST use an exponential
   * back-off process in which the timeout period is doubled upon each retransmission, until either the initiator receives a response
   * or the timeout period reaches the value MAX_BRACK_TIMEOUT."
   */
  expire(times: RevocationTimes, now: Instant): readonly RevocationTimeout<Subject>[] {
    const due = this.#queue.expire(now);
    if (due.length === 0) return NONE;
    const outcomes: RevocationTimeout<Subject>[] = [];
    for (const entry of due) {
      if (entry.retriesLeft <= 0) {
        this.#forget(entry);
        outcomes.push({ kind: 'given-up', pending: entry });
        continue;
      }
      entry.retriesLeft--;
      entry.delay = milliseconds(Math.min(entry.delay * 2, times.maximumDelay));
      entry.timer = this.#queue.set(now, entry.delay, entry);
      outcomes.push({ kind: 'retransmitted', output: { kind: 'send', to: entry.to, message: entry.message } });
    }
    return outcomes;
  }

  #add(pending: PendingRevocation<Subject>, times: RevocationTimes, now: Instant): void {
    const delay = times.minimumDelay;
    const entry = { ...pending, delay, retriesLeft: times.retries } as Entry<Subject>;
    entry.timer = this.#queue.set(now, delay, entry);
    this.#pending.set(entry.sequence, entry);
    const { about } = entry.subject;
    const same = this.#bySubject.get(about);
    if (same) same.add(entry);
    else this.#bySubject.set(about, new Set([entry]));
  }

  #forget(entry: Entry<Subject>): void {
    this.#queue.cancel(entry.timer);
    this.#pending.delete(entry.sequence);
    const { about } = entry.subject;
    const same = this.#bySubject.get(about);
    same?.delete(entry);
    if (same?.size === 0) this.#bySubject.delete(about);
  }

  /**
   * RFC 5846 §6.1.1(1) "Sending Binding Revocation Indication": "The initiator MUST set the Sequence Number field to a valid sequence number for Binding Revocation": one that no indication
   * waits with.
   */
  #nextSequence(): number {
    do this.#lastSequence = (this.#lastSequence + 1) & 0xffff;
    while (this.#pending.has(this.#lastSequence));
    return this.#lastSequence;
  }
}

/**
 * What an acknowledgement has of the indication's options, so that one of an earlier indication with the same number answers no other.
 * Chooses: whatever the indication, as RFC 5213 §5.5(7) "Timestamp Option for Message Ordering" has it of registrations.
 */
export function echoedStamp(options: readonly MobilityOption[]): readonly TimestampOption[] {
  const stamp = findOption(options, 'timestamp');
  return stamp ? [stamp] : [];
}

function isAt({ to }: PendingRevocation<unknown>, remote: PeerAddress['remote']): boolean {
  return sameAddress(to.remote, remote);
}

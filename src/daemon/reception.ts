import { OctetSlab } from '#base/octet-slab.ts';
import { type Duration, elapsed, type Instant, instant, milliseconds } from '#base/time.ts';
import { NEWCOMER_PATIENCE } from '#proto/lma/update.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { isNewAttachment } from '#wire/mobility/new-attachment.ts';
import type { SignallingPeer } from './assemble-signalling.ts';
import { FairQueue, type Loss, OTHERS } from './fair-queue.ts';

interface Message {
  readonly from: PeerAddress;
  readonly bytes: Uint8Array;
  readonly at: Instant;
}

/** Messages of at most so many sources wait apart from each other, and so many messages of all of them. */
const LIMITS = { sources: 1024, items: 8192 };
/** Messages that are served in one round; what they want is then carried out before the next ones are looked at. */
const SERVED = 256;
/** Where a round had so many messages as many come during the next. */
const MANY = 32;
/** A new attachment, with those that are refused meanwhile, is as much work as so many refreshes: a MAG to which many come gets no more time than one whose mobile nodes stay. */
const NEWCOMER_TURNS = 4;
/**
 * What waited longer is dropped: its sender asks again after a second (RFC 6275 §12 "Protocol Constants", INITIAL_BINDACK_TIMEOUT) with
 * another sequence number, and would not know what an answer after that is about.
 */
const PATIENCE = milliseconds(500);

/**
 * What was taken from the sockets and not yet served: each configured peer has its turn, and strangers have theirs, each by itself where
 * MAGs are learnt and else all together.
 *
 * When more comes than can be served, new attachments are dropped before anything else, and before they cost anything: at once, where those
 * before them already wait too long.
 */
export class Reception {
  readonly #queue = new FairQueue<Message>(LIMITS);
  readonly #slab = new OctetSlab();
  /** When the round is. */
  #now = instant(0);
  #isCrowded = false;
  /** The latest round had so many messages that the next one is worth its while at once. */
  servedMany = false;
  #peers: ReadonlySet<string> = new Set();
  readonly #names = new Map<string, string>();
  #learning = false;
  #toldDropped = 0;
  #newAttachmentsDropped = 0;

  configure(peers: readonly SignallingPeer[], learning: boolean): void {
    this.#peers = new Set(peers.map(({ address }) => address.key));
    this.#learning = learning;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Keeps a copy of the message, or drops it when there is no room. `age`: since it came to this host. */
  take(from: PeerAddress, bytes: Uint8Array, now: Instant, age = milliseconds(0)): void {
    const key = from.remote.key;
    const source = this.#learning || this.#peers.has(key) ? key : OTHERS;
    const first = this.#queue.first(source);
    if (first && this.#isShed(bytes, elapsed(first.at, now))) {
      this.#queue.refuse(source);
      this.#learnName(from);
      return;
    }
    const kept = this.#queue.push(source, () => ({ from, bytes: this.#slab.copy(bytes), at: instant(now - age) }));
    if (!kept) this.#learnName(from);
  }

  /** `handle`: `bytes` are only valid during the call. */
  serve(now: Instant, handle: (from: PeerAddress, bytes: Uint8Array, waited: Duration) => void): void {
    this.#now = now;
    this.#isCrowded = this.#queue.length > SERVED;
    let served = 0;
    for (; served < SERVED; served++) {
      const message = this.#queue.next(this.#inTime, this.#turns);
      if (!message) break;
      handle(message.from, message.bytes, elapsed(message.at, now));
    }
    this.servedMany = served >= MANY;
    if (this.#queue.length === 0) this.#slab.reuse();
  }

  /** Messages dropped since the last call, and by whom most were sent since the start; `undefined` when none was. */
  newLosses(): Loss | undefined {
    const dropped = this.#queue.dropped - this.#toldDropped;
    if (dropped === 0) return undefined;
    const [worst] = this.#losses();
    if (!worst) return undefined;
    this.#toldDropped = this.#queue.dropped;
    return { source: worst.source, dropped };
  }

  snapshot(): Record<string, unknown> {
    return {
      waiting: this.#queue.length,
      dropped: this.#queue.dropped,
      newAttachmentsDropped: this.#newAttachmentsDropped,
      droppedOf: this.#losses(),
    };
  }

  readonly #inTime = ({ from, at, bytes }: Message): boolean => {
    const waited = elapsed(at, this.#now);
    if (waited <= PATIENCE && !this.#isShed(bytes, waited)) return true;
    this.#learnName(from);
    return false;
  };

  readonly #turns = ({ bytes }: Message): number => (this.#isCrowded && isNewAttachment(bytes) ? NEWCOMER_TURNS : 1);

  /** Of whose messages some were dropped. */
  #learnName({ remote }: PeerAddress): void {
    if (this.#names.size < LIMITS.sources && !this.#names.has(remote.key))
      this.#names.set(remote.key, remote.toString());
  }

  #isShed(bytes: Uint8Array, waited: Duration): boolean {
    if (waited <= NEWCOMER_PATIENCE || !isNewAttachment(bytes)) return false;
    this.#newAttachmentsDropped++;
    return true;
  }

  #losses(): Loss[] {
    return this.#queue.losses().map(({ source, dropped }) => ({ source: this.#names.get(source) ?? source, dropped }));
  }
}

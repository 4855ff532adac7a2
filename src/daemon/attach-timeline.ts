import { MacAddress } from '#base/mac-address.ts';
import type { AttachedEvent } from '#proto/mag/events.ts';
import type { BindingAcknowledgement, BindingUpdate, MobilityOption } from '#wire/mobility/index.ts';
import { findOption, HandoffIndicator } from '#wire/mobility/index.ts';
import { answerKind } from './answer-kind.ts';

/** How many attachments are remembered. */
const RING = 1024;

/** Instants of one attachment at this MAG, CLOCK_MONOTONIC in nanoseconds. */
interface Attachment {
  readonly mac: MacAddress;
  readonly interface: string | undefined;
  /** What showed the node; undefined when the update was not caused by a frame. */
  readonly trigger: string | undefined;
  readonly steps: Partial<Record<AttachStep, number>>;
  nai: string | undefined;
}

/**
 * In the order in which they happen; the answers may come in any order among themselves. Each is the instant at which the thread woke
 * for what arrived, or handed to the kernel what left.
 */
export type AttachStep =
  | 'event'
  | 'pbuSent'
  | 'pbaReceived'
  | 'forwardingReady'
  | 'routerAdvertisementSent'
  | 'dhcpOfferSent'
  | 'dhcpAckSent';

export interface AttachTimelineRow {
  readonly mac: string;
  readonly nai: string | null;
  readonly interface: string | null;
  readonly trigger: string | null;
  /** CLOCK_MONOTONIC of the event (of the first step known, when no frame caused it), in nanoseconds. */
  readonly eventNs: number;
  /** Of each step that has happened: microseconds since the event, and CLOCK_MONOTONIC in nanoseconds. */
  readonly steps: Partial<Record<AttachStep, { readonly sinceEventUs: number; readonly monotonicNs: number }>>;
}

interface Seen {
  readonly event: AttachedEvent;
  readonly at: number;
}

/** When each step of the latest attachments happened. Every method takes the instant as CLOCK_MONOTONIC in nanoseconds. */
export class AttachTimeline {
  readonly #ring: Attachment[] = [];
  readonly #latest = new Map<number, Attachment>();
  readonly #seen = new Map<number, Seen>();
  /** Those of which a server is asked who they are; the latest. */
  readonly #asked = new Map<number, Seen>();

  /** A mobile node was seen; counts only when an update follows in the same round, or when a server was asked in it. */
  attached(event: AttachedEvent, at: number): void {
    if (!this.#seen.has(event.mac.key)) this.#seen.set(event.mac.key, { event, at });
  }

  /** The update follows when the server has answered. */
  profileAsked(mac: MacAddress): void {
    const seen = this.#seen.get(mac.key);
    this.#asked.delete(mac.key);
    if (!seen) return;
    this.#asked.set(mac.key, seen);
    if (this.#asked.size > RING) this.#asked.delete(this.#asked.keys().next().value as number);
  }

  updateSent(update: BindingUpdate, at: number): void {
    const mac = linkLayerIdentifier(update.options);
    if (!mac || !isAttachment(update)) return;
    const seen = this.#asked.get(mac.key) ?? this.#seen.get(mac.key);
    this.#asked.delete(mac.key);
    const previous = this.#latest.get(mac.key);
    if (!seen && previous && previous.steps.pbaReceived === undefined) return; // a retransmission
    const steps = seen ? { event: seen.at, pbuSent: at } : { pbuSent: at };
    this.#add({ mac, interface: seen?.event.interface, trigger: seen?.event.trigger, steps, nai: undefined });
  }

  acknowledgementReceived(acknowledgement: BindingAcknowledgement, at: number): void {
    const mac = linkLayerIdentifier(acknowledgement.options);
    if (mac) this.#step(mac.key, 'pbaReceived', at);
  }

  forwardingReady(mac: MacAddress, nai: string, at: number): void {
    const attachment = this.#step(mac.key, 'forwardingReady', at);
    if (attachment) attachment.nai = nai;
  }

  /** A frame that the access machine sent. */
  frameSent(frame: Uint8Array, at: number): void {
    if (this.#latest.size === 0) return;
    const answer = answerKind(frame);
    if (answer) this.#step(answer.station.key, answer.kind, at);
  }

  endRound(): void {
    if (this.#seen.size > 0) this.#seen.clear();
  }

  /** The latest first. */
  rows(): AttachTimelineRow[] {
    return this.#ring.toReversed().map(row);
  }

  #add(attachment: Attachment): void {
    this.#ring.push(attachment);
    this.#latest.set(attachment.mac.key, attachment);
    if (this.#ring.length <= RING) return;
    const oldest = this.#ring.shift() as Attachment;
    if (this.#latest.get(oldest.mac.key) === oldest) this.#latest.delete(oldest.mac.key);
  }

  /** Only the first time counts. */
  #step(key: number, step: AttachStep, at: number): Attachment | undefined {
    const attachment = this.#latest.get(key);
    if (attachment) attachment.steps[step] ??= at;
    return attachment;
  }
}

/** Not a refresh, and not a de-registration. */
function isAttachment(update: BindingUpdate): boolean {
  const handoff = findOption(update.options, 'handoff-indicator')?.indicator;
  return update.lifetime > 0 && handoff !== HandoffIndicator.NOT_CHANGED;
}

function linkLayerIdentifier(options: readonly MobilityOption[]): MacAddress | undefined {
  const identifier = findOption(options, 'mobile-node-link-layer-identifier')?.identifier;
  return identifier?.length === 6 ? MacAddress.read(identifier) : undefined;
}

function row({ mac, nai, interface: name, trigger, steps }: Attachment): AttachTimelineRow {
  const eventNs = Math.min(...Object.values(steps));
  const entries = Object.entries(steps).map(([step, at]) => [
    step,
    { sinceEventUs: Math.round((at - eventNs) / 100) / 10, monotonicNs: at },
  ]);
  return {
    mac: mac.toCiscoString(),
    nai: nai ?? null,
    interface: name ?? null,
    trigger: trigger ?? null,
    eventNs,
    steps: Object.fromEntries(entries),
  };
}

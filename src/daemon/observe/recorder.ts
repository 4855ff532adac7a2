import { MacAddress } from '#base/mac-address.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import type { PeerAddress } from '#proto/peer.ts';
import {
  type BindingUpdate,
  decodeMobilityHeader,
  findOption,
  HandoffIndicator,
  type MobilityMessage,
} from '#wire/mobility/index.ts';
import type { Direction } from '../capture/ring.ts';
import { macOf, naiOf } from '../debug/mobility-lines.ts';
import { stationOfFrame } from './frame-station.ts';
import type { NodeEvent } from './node-events.ts';
import { type Refresh, type Step, StepRing } from './step-ring.ts';

/** Of all mobile nodes together. */
const STEPS = 65_536;
const OCTETS = 16_777_216;
/** So many cost the packet worker one percent. */
const PER_SECOND = 10_000;
const BURST = 20_000;
/** Indications that may still be acknowledged. */
const REVOCATIONS = 1024;

export interface NodeHistory {
  /** The oldest first. */
  readonly steps: readonly Step[];
  /** False when older steps had to make room, or there was no time for some. */
  readonly complete: boolean;
  /** Its link-layer addresses, as `0024.d78e.21a4`. */
  readonly macs: readonly string[];
}

/** Keeps what happens to each mobile node, message for message, for who asks later. It costs nothing until it is switched on. */
export class Recorder {
  on = false;
  /** Steps for which there was no time. */
  missed = 0;
  #ring: StepRing | undefined;
  /** Whom the latest indications named, by the peer and their sequence number. */
  readonly #revocations = new Map<string, string>();
  #tokens = BURST;
  #filledAt: Instant | undefined;

  /** What was kept is forgotten when it is switched off. */
  switch(on: boolean): void {
    this.on = on;
    this.#ring = on ? (this.#ring ?? new StepRing(STEPS, OCTETS)) : undefined;
  }

  message(
    direction: Direction,
    peer: PeerAddress,
    message: MobilityMessage,
    octets: Uint8Array,
    now: ClockReading,
  ): void {
    if (!this.#ring || message.kind === 'heartbeat' || !this.#admits(now)) return;
    const key = this.#revokedOf(peer, message) ?? keyOf(message);
    if (key === undefined) return;
    if (message.kind === 'binding-revocation-indication') this.#rememberRevocation(peer, message.sequence, key);
    const refresh = this.#refreshOf(this.#ring, key, message);
    this.#ring.addMessage(key, { at: now.utc, direction, place: { kind: 'peer', peer }, octets }, refresh);
  }

  /** Of an access link; only what a mobile node gets its addresses by. */
  frame(direction: Direction, name: string, frame: Uint8Array, now: ClockReading): void {
    if (!this.#ring) return;
    const station = stationOfFrame(frame, direction);
    if (!station || !this.#admits(now)) return;
    const place = { kind: 'access', interface: name } as const;
    this.#ring.addMessage(station.toCiscoString(), { at: now.utc, direction, place, octets: frame }, undefined);
  }

  event(event: NodeEvent, now: ClockReading): void {
    const { nai, mac } = event.fields;
    const key = nai === undefined || nai === '' ? mac : nai;
    if (this.#ring && typeof key === 'string' && this.#admits(now)) this.#ring.addEvent(key, event);
  }

  /** Of the mobile node of a name, with its link-layer addresses as far as they are known: `0024.d78e.21a4`. */
  history(nai: string, macs: readonly string[]): NodeHistory {
    const ring = this.#ring;
    if (!ring) return { steps: [], complete: false, macs };
    const own = ring.steps(nai);
    const known = new Set([...macs, ...own.steps.flatMap(macIn)]);
    const others = [...known].filter((mac) => mac !== nai);
    const parts = [own, ...others.map((key) => ring.steps(key))];
    return {
      steps: parts.flatMap(({ steps }) => steps).sort((a, b) => timeOf(a) - timeOf(b)),
      complete: this.missed === 0 && parts.every(({ complete }) => complete),
      macs: [...known],
    };
  }

  /** An acknowledgement names its indication, not the mobile node. */
  #revokedOf(peer: PeerAddress, message: MobilityMessage): string | undefined {
    if (message.kind !== 'binding-revocation-acknowledgement') return undefined;
    return this.#revocations.get(`${peer.remote} ${message.sequence}`);
  }

  #rememberRevocation({ remote }: PeerAddress, sequence: number, key: string): void {
    const name = `${remote} ${sequence}`;
    this.#revocations.delete(name);
    this.#revocations.set(name, key);
    if (this.#revocations.size > REVOCATIONS) this.#revocations.delete(this.#revocations.keys().next().value as string);
  }

  #refreshOf(ring: StepRing, key: string, message: MobilityMessage): Refresh {
    if (message.kind === 'binding-update') return isRefresh(message) ? 'request' : undefined;
    if (message.kind !== 'binding-acknowledgement' || message.status !== 0) return undefined;
    return ring.awaitsAnswer(key) ? 'answer' : undefined;
  }

  #admits({ instant }: ClockReading): boolean {
    const since = this.#filledAt === undefined ? 0 : instant - this.#filledAt;
    this.#filledAt = instant;
    this.#tokens = Math.min(BURST, this.#tokens + (since * PER_SECOND) / 1000);
    if (this.#tokens < 1) {
      this.missed++;
      return false;
    }
    this.#tokens--;
    return true;
  }
}

export function timeOf(step: Step): number {
  return step.kind === 'event' ? step.event.at : step.firstAt;
}

/** By its name; by the link-layer address where that is what names it. */
function keyOf(message: MobilityMessage): string | undefined {
  const nai = naiOf(message);
  return nai !== undefined && !nai.startsWith('\\') ? nai : (macOf(message)?.toCiscoString() ?? nai);
}

function isRefresh({ lifetime, options }: BindingUpdate): boolean {
  return lifetime > 0 && findOption(options, 'handoff-indicator')?.indicator === HandoffIndicator.NOT_CHANGED;
}

/** The link-layer addresses that a step names. */
function macIn(step: Step): string[] {
  if (step.kind === 'event') {
    const { mac } = step.event.fields;
    return typeof mac === 'string' && MacAddress.parse(mac) ? [mac] : [];
  }
  const decoded = step.place.kind === 'peer' ? decodeMobilityHeader(step.octets) : undefined;
  const mac = decoded?.ok ? macOf(decoded.value) : undefined;
  return mac ? [mac.toCiscoString()] : [];
}

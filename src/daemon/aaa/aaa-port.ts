import type { ClockReading, Instant } from '#base/time.ts';
import type { LmaConfig, LmaOutput } from '#proto/lma/events.ts';
import type { StoreChange } from '#proto/lma/record.ts';
import type { MagConfig, MagOutput } from '#proto/mag/events.ts';

/** What the runtime of a node has of AAA servers. */
export interface AaaPort {
  /** A MAG asks for the profile of a mobile node; the answer comes by `tellMag`. */
  askProfile(mag: MagConfig, request: Extract<MagOutput, { kind: 'profile-request' | 'profile-cancel' }>): void;
  /** An LMA asks whether a session may begin; the answer comes by `tellLma`. */
  askAuthorization(lma: LmaConfig, question: Extract<LmaOutput, { kind: 'authorize' | 'authorize-cancel' }>): void;
  /** An LMA's binding has changed; its forwarding has not yet. */
  bindingChanged(change: StoreChange, now: ClockReading): void;
  nextTimeout(): Instant | undefined;
  expire(now: ClockReading): void;
}

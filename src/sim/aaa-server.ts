import type { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { nextFraction } from '#base/random.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { AaaProfile } from '#proto/aaa/profile.ts';
import type { ProfileAnswer } from '#proto/mag/events.ts';
import type { Scheduler } from './scheduler.ts';

/** As long as a gateway asks a server that does not answer. */
const TIMEOUT = seconds(6);
const SLOWEST = 300;

/** What a gateway hears of the AAA server about a mobile node: sooner or later, or that there was no answer. */
export class AaaServer {
  /** False: nobody hears of it. */
  answers = true;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #profiles: ReadonlyMap<number, AaaProfile>;

  /** `profiles`: by link-layer address. */
  constructor(scheduler: Scheduler, random: Random, profiles: ReadonlyMap<number, AaaProfile>) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#profiles = profiles;
  }

  /** What it knows of a mobile node. */
  profileOf(mac: MacAddress): AaaProfile | undefined {
    return this.#profiles.get(mac.key);
  }

  /** Returns what takes the question back. */
  ask(mac: MacAddress, tell: (answer: ProfileAnswer) => void): () => void {
    const profile = this.answers ? this.profileOf(mac) : undefined;
    const delay = this.answers ? milliseconds(1 + SLOWEST * nextFraction(this.#random)) : TIMEOUT;
    const reason = this.answers ? 'the AAA server does not know it' : 'the AAA server did not answer';
    const answer = profile ? ({ kind: 'found', profile } as const) : ({ kind: 'none', reason } as const);
    return this.#scheduler.schedule(delay, () => tell({ kind: 'profile', mac, answer }));
  }
}

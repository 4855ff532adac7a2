import type { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { nextFraction } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { AaaProfile } from '#proto/aaa/profile.ts';
import type { AuthorizationEvent, AuthorizeOutput } from '#proto/lma/events.ts';
import type { ProfileAnswer } from '#proto/mag/events.ts';
import type { Scheduler } from './scheduler.ts';

/** As long as a node asks a server that does not answer. */
const TIMEOUT = seconds(6);
const SLOWEST = 300;
const NO_ANSWER = 'the AAA server did not answer';
const UNKNOWN: AaaProfile = { prefixes: [], classes: [] };

/** What gateways and anchors hear of the AAA server about a mobile node: sooner or later, or that there was no answer. */
export class AaaServer {
  /** False: nobody hears of it. */
  answers = true;
  /** True: sessions that begin last only as long as the profile of the node says. */
  limitsSessions = false;
  /** Sessions that anchors were allowed. */
  authorized = 0;
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
    const profile = this.answers ? this.#limited(this.profileOf(mac)) : undefined;
    const reason = this.answers ? 'the AAA server does not know it' : NO_ANSWER;
    const answer = profile ? ({ kind: 'found', profile } as const) : ({ kind: 'none', reason } as const);
    return this.#scheduler.schedule(this.#delay(), () => tell({ kind: 'profile', mac, answer }));
  }

  /** The addresses that it has for a mobile node of that name; `undefined` when it leaves them to the anchor. */
  addressesOf(nai: string): Pick<AaaProfile, 'homeAddress' | 'prefixes'> | undefined {
    const profile = this.#named(nai);
    return profile && (profile.homeAddress || profile.prefixes.length > 0) ? profile : undefined;
  }

  /** An anchor asks; what the server does not know may have what the anchor gives. Returns what takes the question back. */
  authorize({ key, nai }: AuthorizeOutput, tell: (event: AuthorizationEvent) => void): () => void {
    const profile = this.#limited(this.#named(nai)) ?? UNKNOWN;
    if (this.answers) this.authorized++;
    const answer = this.answers
      ? ({ kind: 'granted', profile } as const)
      : ({ kind: 'unanswered', reason: NO_ANSWER } as const);
    return this.#scheduler.schedule(this.#delay(), () => tell({ kind: 'authorization', key, answer }));
  }

  #named(nai: string): AaaProfile | undefined {
    return [...this.#profiles.values()].find((each) => each.nai === nai);
  }

  #delay(): Duration {
    return this.answers ? milliseconds(1 + SLOWEST * nextFraction(this.#random)) : TIMEOUT;
  }

  #limited(profile: AaaProfile | undefined): AaaProfile | undefined {
    if (!profile || this.limitsSessions) return profile;
    const { sessionTimeout: _, ...rest } = profile;
    return rest;
  }
}

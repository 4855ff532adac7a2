import type { MacAddress } from '#base/mac-address.ts';
import { type ClockReading, earliest, type Instant } from '#base/time.ts';
import { readClock } from '#host/clock.ts';
import { accountingSessionId, type Usage } from '#proto/aaa/accounting.ts';
import type { AuthorizationEvent, LmaConfig } from '#proto/lma/events.ts';
import type { BindingRecord, StoreChange } from '#proto/lma/record.ts';
import type { MagConfig, ProfileAnswer } from '#proto/mag/events.ts';
import type { ErrorCause } from '#wire/radius/error-cause.ts';
import type { Assembly } from '../assemble.ts';
import { AccountingDesk } from './accounting-desk.ts';
import type { AaaAssembly } from './assemble-aaa.ts';
import { AuthorizationDesk, type AuthorizationQuestion } from './authorization-desk.ts';
import type { DomainDesk } from './domain-desk.ts';
import { ProfileDesk, type ProfileQuestion } from './profile-desk.ts';
import type { AccountedTaken, AnswerOfServer, ToRadius } from './radius-messages.ts';

export interface AaaDeskParts {
  /** Takes requests to RADIUS servers. */
  readonly post: (message: ToRadius) => void;
  /** Of an LMA's binding, in the data plane. */
  readonly usage: (id: string) => Usage | undefined;
  /** Of this run of the node alone. */
  readonly run: string;
  /** An id for a request that no other has. */
  readonly nextId: () => number;
  readonly domains: DomainDesk;
}

/** What the answer of a server is for. */
export type AaaAnswer =
  | { readonly kind: 'profile'; readonly mag: string; readonly answer: ProfileAnswer }
  | { readonly kind: 'authorization'; readonly lma: string; readonly event: AuthorizationEvent }
  /** The settings of a domain are others now. */
  | { readonly kind: 'domain' };

/** What the machines of a node have to do with AAA servers: settings of domains, profiles of mobile nodes, and accounting. */
export class AaaDesk {
  readonly #post: (message: ToRadius) => void;
  readonly #domains: DomainDesk;
  readonly #profiles: ProfileDesk;
  readonly #authorizations: AuthorizationDesk;
  readonly #accounting: AccountingDesk;
  readonly #run: string;

  constructor(assembly: AaaAssembly, { post, usage, run, nextId, domains }: AaaDeskParts) {
    this.#post = post;
    this.#run = run;
    this.#domains = domains;
    this.#profiles = new ProfileDesk(assembly, post, nextId, run);
    this.#authorizations = new AuthorizationDesk(assembly, post, nextId, run);
    this.#accounting = new AccountingDesk(assembly, run, usage, (records) => post({ kind: 'account', records }));
  }

  configure({ aaa, configuration, lmas }: Pick<Assembly, 'aaa' | 'configuration' | 'lmas'>): void {
    const now = readClock();
    this.#post({ kind: 'configure', settings: aaa.settings });
    this.#domains.configure(aaa, configuration, now);
    this.#profiles.configure(aaa);
    this.#authorizations.configure(aaa);
    this.#accounting.configure(aaa, lmas, now);
  }

  askProfile(mag: Pick<MagConfig, 'name' | 'addresses'>, question: ProfileQuestion): void {
    this.#profiles.ask(mag, question, readClock().utc);
  }

  askAuthorization(lma: Pick<LmaConfig, 'name' | 'addresses'>, question: AuthorizationQuestion): void {
    this.#authorizations.ask(lma, question, readClock().utc);
  }

  /** What is to be done of it; `undefined`: nothing. */
  answer(message: AnswerOfServer): AaaAnswer | undefined {
    const changed = this.#domains.answer(message, readClock());
    if (changed !== undefined) return changed ? { kind: 'domain' } : undefined;
    const found = this.#profiles.answer(message);
    if (found) return { kind: 'profile', ...found };
    const authorized = this.#authorizations.answer(message);
    return authorized && { kind: 'authorization', ...authorized };
  }

  /** The Acct-Session-Id of an LMA's binding. */
  accountingSession(binding: string): string {
    return this.#accounting.sessionOf(binding) ?? accountingSessionId(this.#run, binding);
  }

  /** The Acct-Session-Id of a MAG's session, where its server was told one. */
  gatewaySession(mag: string, mac: MacAddress): string | undefined {
    return this.#profiles.sessionOf(mag, mac);
  }

  /** Answers an `accounted`. */
  taken(id: number, result: AccountedTaken['result']): void {
    this.#post({ kind: 'taken', id, result });
  }

  /** Answers a client's wish. */
  carriedOut(id: number, errorCause: ErrorCause | undefined): void {
    this.#post({ kind: 'carried-out', id, ...(errorCause !== undefined && { errorCause }) });
  }

  /** A binding has changed; its forwarding has not yet. */
  bindingChanged(change: StoreChange, now: ClockReading): void {
    this.#accounting.changed(change, now);
  }

  /** The bindings that a former run has left. */
  restored(records: readonly BindingRecord[]): void {
    const now = readClock();
    for (const record of records) this.#accounting.changed({ kind: 'put', record, urgency: 'within-window' }, now);
  }

  nextTimeout(): Instant | undefined {
    return earliest(this.#domains.nextTimeout(), this.#accounting.nextTimeout());
  }

  expire(now: ClockReading): void {
    this.#domains.expire(now);
    this.#accounting.expire(now);
  }

  /** The node ends for good. */
  end(): void {
    this.#accounting.end(readClock());
  }
}

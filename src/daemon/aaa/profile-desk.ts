import type { IpAddress } from '#base/ip-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { UtcTime } from '#base/time.ts';
import { AUTHORIZATION_PASSWORD, profileRequest } from '#proto/aaa/access-request.ts';
import { readProfile } from '#proto/aaa/read-profile.ts';
import { rejectionIn } from '#proto/aaa/rejection.ts';
import type { MagConfig, MagOutput, ProfileAnswer } from '#proto/mag/events.ts';
import type { AaaAssembly } from './assemble-aaa.ts';
import type { AnswerOfServer, ToRadius } from './radius-messages.ts';
import { REASONS } from './reasons.ts';

export type ProfileQuestion = Extract<MagOutput, { kind: 'profile-request' | 'profile-cancel' }>;

interface Asked {
  readonly mag: string;
  readonly mac: MacAddress;
  readonly accountingSession: string;
}

/** Sessions whose Acct-Session-Id is known: more than a gateway has mobile nodes. */
const SESSIONS_MAXIMUM = 65_536;

const PASSWORD = new TextEncoder().encode(AUTHORIZATION_PASSWORD);

/** Turns what MAGs ask about mobile nodes into Access-Requests, and the answers into profiles. */
export class ProfileDesk {
  readonly #post: (message: ToRadius) => void;
  readonly #asked = new Map<number, Asked>();
  /** Of `MAG MAC`, the question that is under way. */
  readonly #open = new Map<string, number>();
  /** By `MAG MAC`, the Acct-Session-Id of the last request that was accepted; the oldest first. */
  readonly #sessions = new Map<string, string>();
  readonly #nextId: () => number;
  readonly #run: string;
  #assembly: AaaAssembly;

  /** `nextId` gives an id that no other request has; `run` is of this run of the node alone. */
  constructor(assembly: AaaAssembly, post: (message: ToRadius) => void, nextId: () => number, run: string) {
    this.#run = run;
    this.#post = post;
    this.#nextId = nextId;
    this.#assembly = assembly;
  }

  configure(assembly: AaaAssembly): void {
    this.#assembly = assembly;
  }

  ask({ name, addresses }: Pick<MagConfig, 'name' | 'addresses'>, question: ProfileQuestion, now: UtcTime): void {
    const key = `${name} ${question.mac}`;
    const open = this.#open.get(key);
    if (open !== undefined) {
      this.#forget(open);
      this.#post({ kind: 'cancel', id: open });
    }
    if (question.kind === 'profile-cancel') return;
    const id = this.#nextId();
    const accountingSession = `${this.#run}-m${id}`;
    this.#asked.set(id, { mag: name, mac: question.mac, accountingSession });
    this.#open.set(key, id);
    const nasAddress = (addresses.ipv4 ?? addresses.ipv6) as IpAddress;
    const subscriber = { ...question, accountingSession, ipv4Transport: addresses.ipv4 !== undefined };
    this.#post({
      kind: 'request',
      id,
      exchange: 'access',
      attributes: profileRequest(subscriber, { ...this.#assembly.style, nasAddress }, now),
      password: PASSWORD,
    });
  }

  /** What the MAG of that name is to be told; `undefined` when nobody waits for it. */
  answer({
    id,
    outcome,
    attributes,
  }: AnswerOfServer): { readonly mag: string; readonly answer: ProfileAnswer } | undefined {
    const asked = this.#asked.get(id);
    if (!asked) return undefined;
    this.#forget(id);
    const { mag, mac } = asked;
    if (outcome !== 'accept') {
      return { mag, answer: { kind: 'profile', mac, answer: { kind: 'none', reason: REASONS[outcome] } } };
    }
    const rejection = rejectionIn(attributes);
    if (rejection !== undefined) {
      return { mag, answer: { kind: 'profile', mac, answer: { kind: 'none', reason: rejection } } };
    }
    this.#remember(asked);
    const read = readProfile(attributes, 'gateway');
    return {
      mag,
      answer: {
        kind: 'profile',
        mac,
        answer: read.ok ? { kind: 'found', profile: read.value } : { kind: 'refused', reason: read.error },
      },
    };
  }

  /** The Acct-Session-Id that the server was told of a mobile node, the last time that it knew it. */
  sessionOf(mag: string, mac: MacAddress): string | undefined {
    return this.#assembly.style.accountingSessionInAccess ? this.#sessions.get(`${mag} ${mac}`) : undefined;
  }

  #remember({ mag, mac, accountingSession }: Asked): void {
    const key = `${mag} ${mac}`;
    this.#sessions.delete(key);
    this.#sessions.set(key, accountingSession);
    if (this.#sessions.size > SESSIONS_MAXIMUM) this.#sessions.delete(this.#sessions.keys().next().value as string);
  }

  #forget(id: number): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked) this.#open.delete(`${asked.mag} ${asked.mac}`);
  }
}

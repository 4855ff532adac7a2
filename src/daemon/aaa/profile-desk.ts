import type { IpAddress } from '#base/ip-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { UtcTime } from '#base/time.ts';
import { AUTHORIZATION_PASSWORD, profileRequest } from '#proto/aaa/access-request.ts';
import { readProfile } from '#proto/aaa/read-profile.ts';
import type { MagConfig, MagOutput, ProfileAnswer } from '#proto/mag/events.ts';
import type { AaaAssembly } from './assemble-aaa.ts';
import type { AnswerOfServer, ToRadius } from './radius-messages.ts';
import { REASONS } from './reasons.ts';

export type ProfileQuestion = Extract<MagOutput, { kind: 'profile-request' | 'profile-cancel' }>;

interface Asked {
  readonly mag: string;
  readonly mac: MacAddress;
}

const PASSWORD = new TextEncoder().encode(AUTHORIZATION_PASSWORD);

/** Turns what MAGs ask about mobile nodes into Access-Requests, and the answers into profiles. */
export class ProfileDesk {
  readonly #post: (message: ToRadius) => void;
  readonly #asked = new Map<number, Asked>();
  /** Of `MAG MAC`, the question that is under way. */
  readonly #open = new Map<string, number>();
  readonly #nextId: () => number;
  #assembly: AaaAssembly;

  /** `nextId` gives an id that no other request has. */
  constructor(assembly: AaaAssembly, post: (message: ToRadius) => void, nextId: () => number) {
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
    this.#asked.set(id, { mag: name, mac: question.mac });
    this.#open.set(key, id);
    const nasAddress = (addresses.ipv4 ?? addresses.ipv6) as IpAddress;
    this.#post({
      kind: 'request',
      id,
      exchange: 'access',
      attributes: profileRequest(question, { ...this.#assembly.style, nasAddress }, now),
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
    const read = readProfile(attributes);
    return {
      mag,
      answer: {
        kind: 'profile',
        mac,
        answer: read.ok ? { kind: 'found', profile: read.value } : { kind: 'refused', reason: read.error },
      },
    };
  }

  #forget(id: number): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked) this.#open.delete(`${asked.mag} ${asked.mac}`);
  }
}

import type { IpAddress } from '#base/ip-address.ts';
import type { UtcTime } from '#base/time.ts';
import { authorizationRequest } from '#proto/aaa/access-request.ts';
import { readProfile } from '#proto/aaa/read-profile.ts';
import { rejectionIn } from '#proto/aaa/rejection.ts';
import type { AuthorizationEvent, LmaConfig, LmaOutput } from '#proto/lma/events.ts';
import type { AaaAssembly } from './assemble-aaa.ts';
import type { AnswerOfServer, ToRadius } from './radius-messages.ts';
import { REASONS } from './reasons.ts';

export type AuthorizationQuestion = Extract<LmaOutput, { kind: 'authorize' | 'authorize-cancel' }>;

interface Asked {
  readonly lma: string;
  readonly key: string;
  readonly accountingSession: string;
}

/** Turns what LMAs ask about first registrations into Access-Requests, and the answers into what they may have. */
export class AuthorizationDesk {
  readonly #post: (message: ToRadius) => void;
  readonly #nextId: () => number;
  readonly #asked = new Map<number, Asked>();
  /** Of `LMA key`, the question that is under way. */
  readonly #open = new Map<string, number>();
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

  ask({ name, addresses }: Pick<LmaConfig, 'name' | 'addresses'>, question: AuthorizationQuestion, now: UtcTime): void {
    const open = `${name} ${question.key}`;
    const before = this.#open.get(open);
    if (before !== undefined) {
      this.#forget(before);
      this.#post({ kind: 'cancel', id: before });
    }
    if (question.kind === 'authorize-cancel') return;
    const id = this.#nextId();
    const accountingSession = `${this.#run}-a${id}`;
    this.#asked.set(id, { lma: name, key: question.key, accountingSession });
    this.#open.set(open, id);
    const style = { ...this.#assembly.style, nasAddress: (addresses.ipv4 ?? addresses.ipv6) as IpAddress };
    const attributes = authorizationRequest({ ...question, accountingSession }, style, now);
    this.#post({ kind: 'request', id, exchange: 'access', attributes });
  }

  /** What the LMA of that name is to be told; `undefined` when nobody waits for it. */
  answer({
    id,
    outcome,
    attributes,
  }: AnswerOfServer): { readonly lma: string; readonly event: AuthorizationEvent } | undefined {
    const asked = this.#asked.get(id);
    if (!asked) return undefined;
    this.#forget(id);
    const { lma, key } = asked;
    // `aaa session-id common`: accounting tells of the session by the same identifier.
    const session = this.#assembly.commonSessionId ? { accountingSession: asked.accountingSession } : {};
    const answer = answerOf(outcome, attributes);
    const told = answer.kind === 'granted' ? { ...answer, ...session } : answer;
    return { lma, event: { kind: 'authorization', key, answer: told } };
  }

  #forget(id: number): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked) this.#open.delete(`${asked.lma} ${asked.key}`);
  }
}

function answerOf(
  outcome: AnswerOfServer['outcome'],
  attributes: AnswerOfServer['attributes'],
): AuthorizationEvent['answer'] {
  if (outcome === 'reject') return { kind: 'rejected', reason: 'the AAA server does not authorize it' };
  if (outcome !== 'accept') return { kind: 'unanswered', reason: REASONS[outcome] };
  const rejection = rejectionIn(attributes);
  if (rejection !== undefined) return { kind: 'rejected', reason: rejection };
  const read = readProfile(attributes, 'anchor');
  return read.ok ? { kind: 'granted', profile: read.value } : { kind: 'unservable', reason: read.error };
}

import type { SendOutput } from '#proto/peer.ts';
import type { StoredChange } from '#store/store.ts';

export interface Send {
  readonly output: SendOutput;
  /**
   * Whether it is about what is stored, as all of an LMA's are but heartbeats: a rejection, too, which may be of a copy that the network made of a
   * request whose acceptance waits.
   */
  readonly needsStore: boolean;
}

/** What a store says of its groups of changes, which are durable one after the other. */
export interface Groups {
  readonly durable: number;
  readonly awaited: number;
}

/** What waits for a group of changes to be durable. */
export interface Answers {
  readonly group: number;
  readonly sends: readonly Send[];
  readonly wokenNs: number;
}

/** What an answer waits for a disk at most, in nanoseconds: who asked has asked again meanwhile (RFC 6275 §12 "Protocol Constants", INITIAL_BINDACK_TIMEOUT), and is answered then. */
export const PATIENCE_NS = 2e9;

const NO_ANSWERS: readonly Answers[] = [];

/**
 * Answers that wait until what they promise is durable, in their order. One about a binding waits for what was stored of that binding: its
 * refresh does not wait for others that are new.
 */
export class WaitingAnswers {
  #answers: Answers[] = [];
  /** Groups that are not durable, one after the other, and of which bindings they have something that must not be lost. */
  readonly #noted: Noted[] = [];
  /** Where the disk did not take a group, what was in it is in the next one that is durable. */
  #certainFrom = 0;

  /** These changes are in the group that is awaited now; `all`: also those that had their window. */
  note(changes: readonly StoredChange[], all: boolean, { durable, awaited }: Groups): void {
    if (awaited <= durable) {
      // The service goes on in memory, if it is not so that all is durable.
      this.#certainFrom = 0;
      return;
    }
    let noted = this.#noted.at(-1);
    if (noted?.group !== awaited) {
      noted = { group: awaited, keys: new Set() };
      this.#noted.push(noted);
    }
    for (const { key, urgency } of changes) {
      if (urgency !== 'before-reply' && !all) continue;
      noted.keys.add(key);
    }
  }

  mustWait({ output: { reliesOn }, needsStore }: Send, { durable, awaited }: Groups): boolean {
    if (!needsStore || awaited <= durable) return false;
    if (reliesOn === undefined || durable < this.#certainFrom) return true;
    for (const { group, keys } of this.#noted) if (group > durable && keys.has(reliesOn)) return true;
    return false;
  }

  /** What it relies on the store did not take, or may not have taken, and nothing is under way that would tell. */
  mustWithhold({ needsStore }: Send, { durable, awaited }: Groups): boolean {
    return needsStore && durable < this.#certainFrom && awaited <= durable;
  }

  add(answers: Answers): void {
    this.#answers.push(answers);
  }

  /** Those that may leave; without such as have waited too long, which are forgotten. */
  take({ durable, awaited }: Groups, nowNs: number): readonly Answers[] {
    this.#forgetDurable(durable);
    if (this.#answers.length === 0) return NO_ANSWERS;
    const ready = this.#answers.findIndex(({ group }) => group > durable && awaited > durable);
    const taken = this.#answers.splice(0, ready < 0 ? this.#answers.length : ready);
    const isLate = ({ wokenNs }: Answers) => nowNs - wokenNs > PATIENCE_NS;
    while (this.#answers[0] && isLate(this.#answers[0])) this.#answers.shift();
    return taken.filter((answers) => !isLate(answers));
  }

  /** None of them leaves: the store did not take what they promise. */
  withhold({ durable }: Groups): void {
    this.#answers = [];
    this.#noted.length = 0;
    this.#certainFrom = durable + 1;
  }

  #forgetDurable(durable: number): void {
    while (this.#noted[0] && this.#noted[0].group <= durable) this.#noted.shift();
  }
}

interface Noted {
  readonly group: number;
  readonly keys: Set<string>;
}
